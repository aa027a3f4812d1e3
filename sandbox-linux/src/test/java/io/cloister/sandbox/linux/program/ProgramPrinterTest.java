package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;

import static org.assertj.core.api.Assertions.assertThat;

import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.program.Argument.Address;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.List;

class ProgramPrinterTest {

    private static final int BASE = 0x10014000;

    private final ProgramBuilder b = new ProgramBuilder(CpuArchitecture.X86_64);

    private String print() {
        b.place(b.failure());
        b.call(Call.EXIT_GROUP, number(1)).orGoOn();
        return ProgramPrinter.print(b.build(new byte[0], BASE));
    }

    @ParameterizedTest
    @EnumSource
    void aListingHasALineForEachStepAndOneForEachOperation(CpuArchitecture cpu) {
        ProgramBuilder builder = new ProgramBuilder(cpu);
        Address fd = builder.zeros(8);
        Label again = new Label();
        builder.step(SetupStep.FILE, "/etc/x, 3 bytes");
        builder.place(again);
        builder.call(Call.OPENAT, number(-100), builder.text("etc/x"), number(0x81), number(0644))
                .store(fd);
        builder.call(Call.PWRITE64, fd.loaded(), builder.text("abc"), number(3), number(0));
        builder.step(SetupStep.SUPERVISE, "");
        builder.jumpIfEqual(fd.loaded(), number(-1), again);
        builder.jumpIfLess(number(0), fd.loaded(), Label.at(0x20000080));
        builder.set(fd, number(7));
        builder.add(fd.loaded(), number(1), fd);
        builder.call(Call.CLOSE_RANGE, number(3), number(-1), number(4)).orGoOn();
        builder.call(Call.UMOUNT2, number(0), number(2));
        builder.place(builder.failure());
        builder.call(Call.EXIT_GROUP, number(1)).orGoOn();
        assertThat(ProgramPrinter.print(builder.build(new byte[0], BASE)))
                .isEqualTo(
                        """
                        file #1 (/etc/x, 3 bytes)
                            0  [0] = openat(AT_FDCWD, "etc/x", 0x81, 0644) or @8
                            1  pwrite64([0], [14], 3, 0) or @8
                        supervise #1
                            2  if [0] == -1 goto @0
                            3  if 0 < [0] goto 0x20000080
                            4  [0] = 7
                            5  [0] = [0] + 1
                            6  close_range(3, ~0, 0x4)
                            7  umount2(NULL, 0x2) or @8
                            8  exit_group(1)
                        """);
    }

    @Test
    void controlCharactersOfTextsAndDetailsAreEscaped() {
        String hostile = "a\033[2Jb\r\n\t\u007f\u0085\u009b31mc\u0001é";
        b.step(SetupStep.EXECUTE, hostile);
        b.call(Call.CHDIR, b.text(hostile));
        String listing = print();
        String shown = "a\\x1b[2Jb\\x0d\\n\\x09\\x7f\\x85\\x9b31mc\\x01é";
        assertThat(listing).contains("(" + shown + ")").contains("\"" + shown + "\"");
        assertThat(listing.replace("\n", "")).matches(t -> t.chars().noneMatch(c -> c < ' '));
    }

    @Test
    void noCharacterOfTheControlRangesIsEverPrinted() {
        for (char c = 1; c < 0x100; c++) {
            boolean control = Character.isISOControl(c);
            ProgramBuilder builder = new ProgramBuilder(CpuArchitecture.AARCH64);
            builder.call(Call.CHDIR, builder.text("<" + c + ">"));
            builder.place(builder.failure());
            String listing = ProgramPrinter.print(builder.build(new byte[0], BASE));
            assertThat(listing.contains("<" + c + ">")).as("%x", (int) c).isEqualTo(!control);
        }
    }

    @Test
    void aLongTextIsCut() {
        b.call(Call.CHDIR, b.text("x".repeat(121)));
        b.call(Call.CHDIR, b.text("y".repeat(120)));
        assertThat(print())
                .contains("\"" + "x".repeat(120) + "...\"")
                .contains("\"" + "y".repeat(120) + "\"");
    }

    @Test
    void aTextOutsideTheDataIsShownAsItsAddress() {
        b.call(Call.CHDIR, number(0x10010000));
        b.call(Call.READ, number(3), number(0x10010000), number(8));
        assertThat(print()).contains("chdir(0x10010000)").contains("read(3, [0x10010000], 8)");
    }

    @Test
    void argumentsAndEnvironmentOfACommandAreNotShown() {
        b.call(
                Call.EXECVE,
                b.text("/bin/p"),
                b.textArray(List.of("p", "argument")),
                b.textArray(List.of("KEY=value")));
        assertThat(print()).contains("execve(\"/bin/p\", [").doesNotContain("argument", "value");
    }
}
