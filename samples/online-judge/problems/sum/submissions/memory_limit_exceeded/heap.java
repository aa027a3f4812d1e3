// Fills its heap; the runtime notices.
import java.util.*;

public class Main {
    public static void main(String[] args) throws Exception {
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < 16384; i++) {
            byte[] some = new byte[1 << 16];
            Arrays.fill(some, (byte) i);
            all.add(some);
        }
        System.out.println(all.size());
    }
}
