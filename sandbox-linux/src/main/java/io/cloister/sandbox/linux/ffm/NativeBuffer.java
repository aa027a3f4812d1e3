package io.cloister.sandbox.linux.ffm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A piece of native memory that system calls read from or write to. Not thread-safe. The garbage
/// collector frees it: closing a shared arena by hand stops every thread of the JVM for a moment,
/// which is too dear on the path of a launch.
public final class NativeBuffer {

    private final MemorySegment segment;

    /// `size` zero bytes.
    public NativeBuffer(int size) {
        segment = Arena.ofAuto().allocate(size, 16);
    }

    /// The size in bytes.
    public int size() {
        return (int) segment.byteSize();
    }

    /// The address of the byte at `offset`. An address keeps nothing alive: who hands it to the
    /// kernel ends with a [java.lang.ref.Reference#reachabilityFence] of this buffer.
    long address(int offset) {
        return segment.address() + offset;
    }

    /// Copies `length` bytes at `offset` to `target`.
    public void get(int offset, byte[] target, int targetOffset, int length) {
        MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, target, targetOffset, length);
    }

    /// Copies `length` bytes of `source` to the start of this buffer.
    public void put(byte[] source, int sourceOffset, int length) {
        MemorySegment.copy(source, sourceOffset, segment, ValueLayout.JAVA_BYTE, 0, length);
    }

    /// The 32 bits at `offset`.
    public int getInt(int offset) {
        return segment.get(ValueLayout.JAVA_INT_UNALIGNED, offset);
    }

    /// The 64 bits at `offset`.
    public long getLong(int offset) {
        return segment.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    }
}
