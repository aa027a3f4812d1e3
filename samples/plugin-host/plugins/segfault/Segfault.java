package acme;

import io.cloister.samples.plugins.api.TextFilter;

import org.pf4j.Extension;

import sun.misc.Unsafe;

import java.lang.reflect.Field;

/// Writes to address 0.
@Extension
public class Segfault implements TextFilter {
    @Override
    public String apply(String text) {
        try {
            Field field = Unsafe.class.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            ((Unsafe) field.get(null)).putAddress(0, 0);
            return text;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
