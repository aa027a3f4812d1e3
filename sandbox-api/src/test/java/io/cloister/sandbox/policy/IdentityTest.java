package io.cloister.sandbox.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

class IdentityTest {
    private static final IdRange RANGE = new IdRange(0, 100_000, 2000);

    private static Identity mapped(IdRange... ranges) {
        return new Identity(0, 0, List.of(), List.of(ranges), List.of());
    }

    @Test
    void rangesMayTouchButNotOverlap() {
        assertThat(mapped(RANGE, new IdRange(2000, 102_000, 1)).uidMap()).hasSize(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mapped(RANGE, new IdRange(1999, 200_000, 1)))
                .withMessage("ranges of uidMap must not overlap, but 1999 -> 200000 (1) does");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> mapped(RANGE, new IdRange(5000, 101_999, 1)))
                .withMessage("ranges of uidMap must not overlap, but 5000 -> 101999 (1) does");
    }

    @Test
    void userAndGroupsLieWithinTheirMaps() {
        List<IdRange> map = List.of(RANGE);
        assertThat(new Identity(1999, 0, List.of(7), map, map).uid()).isEqualTo(1999);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Identity(2000, 0, List.of(), map, List.of()))
                .withMessage("uid must lie within uidMap, was 2000 with [0 -> 100000 (2000)]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Identity(0, 2000, List.of(), List.of(), map))
                .withMessageStartingWith("gid must lie within gidMap, was 2000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Identity(0, 0, List.of(2000), List.of(), map))
                .withMessageStartingWith("group must lie within gidMap, was 2000");
        assertThat(new Identity(2000, 0, List.of(), List.of(), map).uid()).isEqualTo(2000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0|1|0|count must be > 0, was 0",
                "-1|1|1|inside must be 0 to 4294967294, was -1",
                "0|0|1|outside must be 1 to 4294967294, was 0",
                "0|4294967295|1|outside must be 1 to 4294967294, was 4294967295",
                "4294967294|1|2|inside + count must be <= 4294967295, was 4294967294 + 2",
                "0|1|9223372036854775807|inside + count must be <= 4294967295,"
                        + " was 0 + 9223372036854775807"
            })
    void refusesRangesThatTheKernelHasNot(long inside, long outside, long count, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new IdRange(inside, outside, count))
                .withMessage(message);
    }

    @Test
    void theLargestRangeIsEverythingButRoot() {
        assertThat(new IdRange(0, 1, 4_294_967_294L).contains(4_294_967_293L)).isTrue();
        assertThat(RANGE.contains(2000)).isFalse();
        assertThat(RANGE.contains(-1)).isFalse();
    }

    @Test
    void countsAreThoseOfTheKernel() {
        List<Integer> many = IntStream.range(0, 65_537).boxed().toList();
        assertThat(new Identity(0, 0, many.subList(1, 65_537), List.of(), List.of()).groups())
                .hasSize(65_536);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Identity(0, 0, many, List.of(), List.of()))
                .withMessage("groups must be <= 65536, were 65537");
        List<IdRange> ranges =
                LongStream.range(0, 341).mapToObj(i -> new IdRange(i, i + 1, 1)).toList();
        assertThat(new Identity(0, 0, List.of(), ranges.subList(0, 340), List.of()).uidMap())
                .hasSize(340);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Identity(0, 0, List.of(), ranges, List.of()))
                .withMessage("uidMap must have <= 340 ranges, had 341");
    }
}
