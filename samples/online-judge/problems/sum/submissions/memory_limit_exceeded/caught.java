// Fills its heap, and wants to go on.
import java.util.*;

public class Main {
    public static void main(String[] args) throws Exception {
        List<long[]> all = new ArrayList<>();
        try {
            while (all.size() < 100_000) {
                all.add(new long[1 << 12]);
            }
        } catch (OutOfMemoryError e) {
            all.clear();
        }
        System.out.println(6);
    }
}
