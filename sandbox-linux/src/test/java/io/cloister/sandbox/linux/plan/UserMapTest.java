package io.cloister.sandbox.linux.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.cloister.sandbox.CommandUser;
import io.cloister.sandbox.policy.IdRange;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

class UserMapTest {

    private static final List<IdRange> UIDS =
            List.of(
                    new IdRange(0, 100_000, 1),
                    new IdRange(1, 200_000, 999),
                    new IdRange(1000, 4_294_000_000L, 10));

    private static final List<IdRange> GIDS = List.of(new IdRange(5, 70, 2));

    @ParameterizedTest
    @CsvSource({
        "0, 100000",
        "1, 200000",
        "2, 200001",
        "999, 200998",
        "1000, 4294000000",
        "1009, 4294000009"
    })
    void theHostsNumberOfAUserIsCountedFromTheStartOfItsRange(int inside, long outside) {
        assertThat(new UserMap.Ranges(UIDS, GIDS, inside, 5, List.of()).hostUid())
                .isEqualTo(outside);
    }

    @Test
    void theHostsNumberOfAGroupComesFromTheGroupsOwnRanges() {
        assertThat(new UserMap.Ranges(UIDS, GIDS, 0, 5, List.of()).hostGid()).isEqualTo(70);
        assertThat(new UserMap.Ranges(UIDS, GIDS, 0, 6, List.of()).hostGid()).isEqualTo(71);
    }

    @ParameterizedTest
    @CsvSource({"1010", "2147483647"})
    void aUserOutsideEveryRangeHasNoNumber(int inside) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UserMap.Ranges(UIDS, GIDS, inside, 5, List.of()).hostUid())
                .withMessageContaining(Integer.toString(inside));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UserMap.Ranges(UIDS, GIDS, 0, 7, List.of()).hostGid());
    }

    @Test
    void theUserOfACommandHasToBeMapped() {
        UserMap ranges = new UserMap.Ranges(UIDS, GIDS, 0, 5, List.of());
        assertThat(ranges.hostIds(new CommandUser(2, 6, List.of(5))))
                .isEqualTo(new UserMap.HostIds(200_001, 71));
        for (CommandUser beyond :
                List.of(
                        new CommandUser(2000, 6, List.of()),
                        new CommandUser(2, 4, List.of()),
                        new CommandUser(2, 6, List.of(7)))) {
            assertThatIllegalArgumentException().isThrownBy(() -> ranges.hostIds(beyond));
        }
        for (UserMap other :
                List.of(
                        new UserMap.Single(1000, 1000),
                        new UserMap.Host(),
                        new UserMap.HostDropped())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> other.hostIds(new CommandUser(1000, 1000, List.of())))
                    .withMessageContaining("mapUids");
        }
    }
}
