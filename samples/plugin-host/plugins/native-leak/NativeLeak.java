package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

import sun.misc.Unsafe;

import java.lang.reflect.Field;

/// Takes memory beside the heap.
@Extension
public class NativeLeak implements TextFilter {
    @Override
    public String apply(String text) {
        try {
            Field field = Unsafe.class.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            Unsafe unsafe = (Unsafe) field.get(null);
            while (true) {
                unsafe.setMemory(unsafe.allocateMemory(1 << 20), 1 << 20, (byte) 1);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
