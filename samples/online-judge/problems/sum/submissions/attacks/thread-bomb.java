// @EXPECTED_RESULTS@: RE
// As many threads as it gets.
import java.util.*;

public class Main {
    public static void main(String[] args) throws Exception {
        for (int i = 0; i < 4000; i++) {
            Thread thread =
                    new Thread(() -> {
                        try {
                            Thread.sleep(2000);
                        } catch (InterruptedException e) {
                            return;
                        }
                    });
            thread.setDaemon(true);
            thread.start();
        }
        Thread.sleep(2000);
    }
}
