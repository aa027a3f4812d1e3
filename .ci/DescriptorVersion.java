import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/// Lowers the class file version of a compiled module descriptor.
///
/// Plugins (jar, javadoc) read `module-info.class` with the Java that runs Maven, and a Java 17
/// refuses what a Java 25 compiled. A descriptor holds no code, so its version says nothing about
/// what the module needs: the other classes keep theirs, and its `requires java.base` still names
/// 25. It is done whatever Java runs Maven, so that builds with one and the other can be mixed.
///
/// Usage: `java DescriptorVersion.java <module-info.class> <release>`
final class DescriptorVersion {
    private static final int MAGIC = 0xCAFEBABE;
    private static final int MAJOR_VERSION_OFFSET = 6;
    private static final int MAJOR_VERSION_OF_RELEASE_0 = 44;

    private DescriptorVersion() {}

    static void main(String[] arguments) throws Exception {
        Path descriptor = Path.of(arguments[0]);
        int wanted = MAJOR_VERSION_OF_RELEASE_0 + Integer.parseInt(arguments[1]);

        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(descriptor));
        if (bytes.getInt(0) != MAGIC) {
            throw new IllegalArgumentException(descriptor + " is not a class file");
        }
        if (Short.toUnsignedInt(bytes.getShort(MAJOR_VERSION_OFFSET)) <= wanted) {
            return;
        }
        bytes.putShort(MAJOR_VERSION_OFFSET, (short) wanted);
        // Written in place with its old time, so that nothing is rebuilt because of it.
        var modified = Files.getLastModifiedTime(descriptor);
        Files.write(descriptor, bytes.array());
        Files.setLastModifiedTime(descriptor, modified);
    }
}
