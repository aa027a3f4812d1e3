// @EXPECTED_RESULTS@: AC
// Starts another program, which may be done, and asks it for the files of the host.
import java.util.*;

public class Main {
    public static void main(String[] args) throws Exception {
        Process ls =
                new ProcessBuilder("/bin/cat", "/etc/shadow").redirectErrorStream(true).start();
        String text = new String(ls.getInputStream().readAllBytes());
        if (ls.waitFor() == 0) {
            System.out.println(text);
            return;
        }
        Scanner in = new Scanner(new java.io.BufferedInputStream(System.in));
        long s = 0;
        for (int n = in.nextInt(); n > 0; n--) {
            s += in.nextLong();
        }
        System.out.println(s);
    }
}
