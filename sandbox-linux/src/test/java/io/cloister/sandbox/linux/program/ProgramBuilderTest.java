package io.cloister.sandbox.linux.program;

import static io.cloister.sandbox.linux.program.Argument.number;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloister.sandbox.Errno;
import io.cloister.sandbox.SetupStep;
import io.cloister.sandbox.linux.program.Argument.Address;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

class ProgramBuilderTest {

    private static final CpuArchitecture X86 = CpuArchitecture.X86_64;
    private static final int BASE = 0x10010000;
    private static final int SIZE = Interpreter.OPERATION_SIZE;
    private static final long SEED = 20_260_104L;
    private static final byte[] NO_HEADER = {};

    private final ProgramBuilder b = new ProgramBuilder(X86);

    private SyscallProgram build() {
        b.place(b.failure());
        b.call(Call.EXIT_GROUP, number(1)).orGoOn();
        return b.build(NO_HEADER, BASE);
    }

    private static Operation operation(
            int number, int kind, int mask, int store, int jump, long... arguments) {
        List<Long> six = new ArrayList<>(Collections.nCopies(6, 0L));
        for (int i = 0; i < arguments.length; i++) {
            six.set(i, arguments[i]);
        }
        return new Operation(number, kind, mask, store, six, jump);
    }

    @Test
    void aCallGoesToTheFailureWhenTheKernelRefusesIt() {
        b.call(Call.CLOSE, number(7));
        assertThat(build().operations().getFirst())
                .isEqualTo(operation(3, Interpreter.SYSCALL, 0, 0, BASE + SIZE, 7));
    }

    @Test
    void aCallMayGoOnOrElsewhere() {
        Label elsewhere = new Label();
        b.call(Call.CLOSE, number(7)).orGoOn();
        b.call(Call.CLOSE, number(8)).onError(elsewhere);
        b.place(elsewhere);
        b.call(Call.GETPID);
        List<Operation> operations = build().operations();
        assertThat(operations.get(0).jump()).isZero();
        assertThat(operations.get(1).jump()).isEqualTo(BASE + 2 * SIZE);
    }

    @Test
    void aLabelMayBePlacedBeforeAndBehindItsJumps() {
        Label before = new Label();
        Label behind = new Label();
        b.place(before);
        b.jump(behind);
        b.jumpIfEqual(number(1), number(2), before);
        b.place(behind);
        b.jumpIfLess(number(3), number(4), before);
        List<Operation> operations = build().operations();
        assertThat(operations.get(0))
                .isEqualTo(operation(0, Interpreter.JEQ, 0, 0, BASE + 2 * SIZE, 0, 0));
        assertThat(operations.get(1)).isEqualTo(operation(0, Interpreter.JEQ, 0, 0, BASE, 1, 2));
        assertThat(operations.get(2)).isEqualTo(operation(0, Interpreter.JLT, 0, 0, BASE, 3, 4));
    }

    @Test
    void aLabelThatIsNeverPlacedIsRefused() {
        b.jump(new Label());
        assertThatIllegalStateException().isThrownBy(this::build).withMessage("label never placed");
    }

    @Test
    void aFailureThatIsNeverPlacedIsRefused() {
        b.call(Call.GETPID).orGoOn();
        assertThatIllegalStateException().isThrownBy(() -> b.build(NO_HEADER, BASE));
    }

    @Test
    void aLabelIsPlacedOnce() {
        Label label = new Label();
        b.place(label);
        b.call(Call.GETPID);
        assertThatIllegalStateException()
                .isThrownBy(() -> b.place(label))
                .withMessage("label placed twice, at 0");
    }

    @Test
    void theEndIsBehindTheLastByteOfTheData() {
        b.jump(Label.end());
        b.text("four");
        SyscallProgram program = build();
        assertThat(program.size()).isEqualTo(2 * SIZE + 8);
        assertThat(program.operations().getFirst().jump()).isEqualTo(BASE + program.size());
    }

    @Test
    void aKnownAddressIsAPlaceOutsideTheProgram() {
        b.jump(Label.at(0x20000080));
        assertThat(build().operations().getFirst().jump()).isEqualTo(0x20000080);
    }

    @Test
    void theDataStandsBehindTheOperationsAlignedTo8() {
        Address text = b.text("abc");
        Address bytes = b.bytes(new byte[] {1, 2, 3});
        Address zeros = b.zeros(3);
        Address words = b.words(number(-1));
        b.call(Call.READ, bytes, zeros, words);
        b.call(Call.CHDIR, text);
        SyscallProgram program = build();
        int data = program.dataAddress();
        assertThat(data).isEqualTo(BASE + 3 * SIZE);
        assertThat(program.operations().get(0).arguments())
                .startsWith(data + 8L, data + 16L, data + 24L);
        assertThat(program.operations().get(1).arguments()).startsWith((long) data);
        assertThat(program.data()).startsWith('a', 'b', 'c', 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0);
        assertThat(program.size() % 8).isZero();
    }

    @Test
    void equalTextsShareOnePlaceAndTextsAreUtf8() {
        assertThat(b.text("é")).isEqualTo(b.text("é")).isNotEqualTo(b.text("e"));
        assertThat(build().data()).startsWith(0xc3, 0xa9, 0, 'e', 0);
    }

    @Test
    void wordsThatAreAddressesBecomePointers() {
        Address text = b.text("x");
        Label label = new Label();
        Address words = b.words(number(5), text, new Argument.Place(label), text.plus(1));
        b.call(Call.GETPID);
        b.place(label);
        SyscallProgram program = build();
        ByteBuffer data = ByteBuffer.wrap(program.data()).order(ByteOrder.LITTLE_ENDIAN);
        int at = words.offset();
        assertThat(data.getLong(at)).isEqualTo(5);
        assertThat(data.getLong(at + 8)).isEqualTo(program.dataAddress());
        assertThat(data.getLong(at + 16)).isEqualTo(BASE + SIZE);
        assertThat(data.getLong(at + 24)).isEqualTo(program.dataAddress() + 1);
    }

    @Test
    void anArrayOfTextsEndsWithNull() {
        b.call(
                Call.EXECVE,
                b.text("p"),
                b.textArray(List.of("a", "", "a")),
                b.textArray(List.of()));
        SyscallProgram program = build();
        Machine machine = new Machine(X86, (_, _) -> -2).load(program);
        machine.run(BASE);
        List<Long> a = machine.made.getFirst().arguments();
        assertThat(machine.text(machine.word(a.get(1)))).isEqualTo("a");
        assertThat(machine.text(machine.word(a.get(1) + 8))).isEmpty();
        assertThat(machine.word(a.get(1) + 16)).isEqualTo(machine.word(a.get(1)));
        assertThat(machine.word(a.get(1) + 24)).isZero();
        assertThat(machine.word(a.get(2))).isZero();
    }

    @Test
    void aLoadedArgumentIsMarkedInTheMask() {
        Address place = b.words(number(42));
        b.call(Call.READ, number(1), place.loaded(), new Argument.LoadedAbsolute(BASE));
        SyscallProgram program = build();
        assertThat(program.operations().getFirst().mask()).isEqualTo(0b110);
        assertThat(program.operations().getFirst().arguments())
                .startsWith(1L, (long) program.dataAddress(), (long) BASE);
    }

    @Test
    void aResultIsStoredInTheDataOrAtAnAbsoluteAddress() {
        Address place = b.zeros(8);
        b.call(Call.GETPID).store(place);
        b.call(Call.GETPID).store(number(0x10010008));
        b.add(number(2), number(3), place.plus(0));
        SyscallProgram program = build();
        assertThat(program.operations())
                .extracting(Operation::store)
                .startsWith(program.dataAddress(), 0x10010008, program.dataAddress());
    }

    @Test
    void aFailureOfOurOwnIsRecordedLikeOneOfTheKernel() {
        b.call(Call.GETPID);
        b.fail(Errno.ESTALE);
        b.call(Call.SETSID);
        int base = Interpreter.DATA + 0x1000;
        b.place(b.failure());
        b.call(Call.EXIT_GROUP, number(1));
        SyscallProgram program = b.build(NO_HEADER, base);
        Machine machine = new Machine(X86, (_, _) -> 0).load(program);
        assertThat(machine.run(base)).isEqualTo(1);
        assertThat(machine.calls()).containsExactly(Call.GETPID, Call.EXIT_GROUP);
        assertThat(machine.word(Interpreter.RECORD)).isEqualTo(base + SIZE);
        assertThat(machine.word(Interpreter.RECORD + 8)).isEqualTo(-116);
    }

    @Test
    void stepsAreCountedByKindAndFoundByAddress() {
        b.step(SetupStep.MOUNT, "a");
        b.call(Call.GETPID);
        b.step(SetupStep.FILE, "b");
        b.step(SetupStep.MOUNT, "c");
        b.call(Call.GETPID);
        b.call(Call.GETPID);
        b.place(b.failure());
        SyscallProgram program = b.build(new byte[128], BASE);
        Step first = new Step(SetupStep.MOUNT, 1, "a");
        Step second = new Step(SetupStep.MOUNT, 2, "c");
        assertThat(program.steps()).containsExactly(first, second, second);
        int start = BASE + 128;
        assertThat(program.start()).isEqualTo(start);
        assertThat(program.stepAt(start)).contains(first);
        assertThat(program.stepAt(start + SIZE)).contains(second);
        assertThat(program.stepAt(start + 3 * SIZE - 1)).contains(second);
        for (long outside : new long[] {0, -1, BASE, start - 1, start + 3L * SIZE, 1L << 40}) {
            assertThat(program.stepAt(outside)).as("%x", outside).isEmpty();
        }
    }

    @Test
    void theHeaderStandsBeforeTheFirstOperation() {
        byte[] header = new byte[16];
        new Random(SEED).nextBytes(header);
        b.call(Call.GETPID);
        b.place(b.failure());
        SyscallProgram program = b.build(header, BASE);
        assertThat(program.header()).isEqualTo(header);
        assertThat(program.encode()).startsWith(header);
        assertThat(program.operations()).hasSize(1);
        assertThat(program.operations().getFirst().jump()).isEqualTo(BASE + 16 + SIZE);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsReadBackIsWhatWasWritten(CpuArchitecture cpu) {
        Random random = new Random(SEED);
        for (int i = 0; i < 300; i++) {
            RandomProgram program = new RandomProgram(cpu, random);
            assertThat(program.built.operations()).isEqualTo(program.expected());
        }
    }

    /// A program of random operations, and what they must be when they are read back.
    private static final class RandomProgram {
        final SyscallProgram built;
        private final List<int[]> heads = new ArrayList<>();
        private final List<Argument[]> arguments = new ArrayList<>();
        private final List<Integer> places = new ArrayList<>();

        RandomProgram(CpuArchitecture cpu, Random random) {
            ProgramBuilder b = new ProgramBuilder(cpu, Label.at(0x12345678));
            Address room = b.zeros(64);
            int count = 1 + random.nextInt(20);
            Label[] labels = new Label[count];
            for (int i = 0; i < count; i++) {
                labels[i] = new Label();
            }
            Call[] calls = Call.values();
            for (int i = 0; i < count; i++) {
                b.place(labels[i]);
                int target = random.nextInt(count);
                Argument left = argument(room, random);
                Argument right = argument(room, random);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        Call call = calls[random.nextInt(calls.length)];
                        b.call(call, left, right).store(room.plus(8)).onError(labels[target]);
                        expect(call.number(cpu), 0, 1, target, left, right);
                    }
                    case 1 -> {
                        b.jumpIfEqual(left, right, labels[target]);
                        expect(0, 1, 0, target, left, right);
                    }
                    case 2 -> {
                        b.jumpIfLess(left, right, labels[target]);
                        expect(0, 2, 0, target, left, right);
                    }
                    default -> {
                        b.add(left, right, room.plus(8));
                        expect(0, 3, 1, -1, left, right);
                    }
                }
            }
            built = b.build(new byte[8 * random.nextInt(4)], BASE);
        }

        private static Argument argument(Address room, Random random) {
            return switch (random.nextInt(4)) {
                case 0 -> number(random.nextLong());
                case 1 -> room.plus(random.nextInt(64));
                case 2 -> room.plus(random.nextInt(56)).loaded();
                default -> new Argument.LoadedAbsolute(Interpreter.RECORD + random.nextInt(8));
            };
        }

        private void expect(int number, int kind, int stores, int target, Argument... two) {
            heads.add(new int[] {number, kind, stores});
            arguments.add(two);
            places.add(target);
        }

        List<Operation> expected() {
            List<Operation> operations = new ArrayList<>();
            for (int i = 0; i < heads.size(); i++) {
                int[] head = heads.get(i);
                int mask = 0;
                long[] values = new long[2];
                for (int j = 0; j < 2; j++) {
                    values[j] =
                            switch (arguments.get(i)[j]) {
                                case Argument.Constant(long value) -> value;
                                case Address(int offset) -> built.dataAddress() + offset;
                                case Argument.Loaded(int offset) -> built.dataAddress() + offset;
                                case Argument.LoadedAbsolute(int address) -> address;
                                case Argument.Place _ -> throw new AssertionError();
                            };
                    boolean loaded =
                            arguments.get(i)[j] instanceof Argument.Loaded
                                    || arguments.get(i)[j] instanceof Argument.LoadedAbsolute;
                    mask |= loaded ? 1 << j : 0;
                }
                int store = head[2] == 0 ? 0 : built.dataAddress() + 8;
                int jump = places.get(i) < 0 ? 0 : built.start() + places.get(i) * SIZE;
                operations.add(operation(head[0], head[1], mask, store, jump, values));
            }
            return operations;
        }
    }

    @Test
    void anOperationHasSixArguments() {
        assertThatThrownBy(() -> new Operation(0, 0, 0, 0, List.of(1L), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("arguments must be 6, were 1");
    }
}
