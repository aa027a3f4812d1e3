// Ends as the runtime does when the heap is full, which it is not.
import java.util.*;

public class Main {
    public static void main(String[] args) throws Exception {
        System.exit(3);
    }
}
