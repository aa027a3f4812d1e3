package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.linux.plan.StartReport.Room;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

class StartReportTest {

    /// tag, pid, user time (s, us), system time (s, us), two rooms (blocks, inodes).
    private static ByteBuffer message() {
        ByteBuffer message = ByteBuffer.allocate(48 + 32).order(ByteOrder.LITTLE_ENDIAN);
        message.putLong(2).putLong(4711);
        message.putLong(1).putLong(2).putLong(3).putLong(4);
        message.putLong(5).putLong(6).putLong(7).putLong(0);
        return message;
    }

    @Test
    void everyFieldStandsWhereTheMessageHasIt() {
        StartReport report = StartReport.read(message().array());
        assertThat(report.setUpNanos()).isEqualTo(4_000_006_000L);
        assertThat(report.rooms()).containsExactly(new Room(5, 6), new Room(7, 0));
    }

    @Test
    void withoutFileSystemsThereAreNoRooms() {
        byte[] message = new byte[48];
        assertThat(StartReport.read(message).rooms()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 16, 47})
    void aMessageThatIsTooShortIsRefused(int size) {
        assertThatThrownBy(() -> StartReport.read(new byte[size]))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, true", "0, 1, true", "1, 0, true", "1, 1, false"})
    void aFileSystemIsFullWithoutRoomForDataOrForFiles(long blocks, long inodes, boolean full) {
        assertThat(new Room(blocks, inodes).isFull()).isEqualTo(full);
    }
}
