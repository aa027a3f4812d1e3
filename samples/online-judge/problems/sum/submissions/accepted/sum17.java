// @LANGUAGE@: java17
// As it is meant.
import java.util.*;

public class Main {
    public static void main(String[] args) throws Exception {
        Scanner in = new Scanner(new java.io.BufferedInputStream(System.in));
        long s = 0;
        for (int n = in.nextInt(); n > 0; n--) {
            s += in.nextLong();
        }
        System.out.println(s);
    }
}
