// A semicolon too few.
import java.util.*;

public class Main {
    public static void main(String[] args) throws Exception {
        int x = 1
        System.out.println(x);
    }
}
