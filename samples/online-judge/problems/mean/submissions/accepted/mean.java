// As it is meant.
import java.util.*;

public class Main {
    public static void main(String[] args) throws Exception {
        Scanner in = new Scanner(System.in).useLocale(Locale.ROOT);
        int n = in.nextInt();
        double s = 0;
        for (int i = 0; i < n; i++) {
            s += in.nextDouble();
        }
        System.out.println(s / n);
    }
}
