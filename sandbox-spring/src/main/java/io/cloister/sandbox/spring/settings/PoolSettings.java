package io.cloister.sandbox.spring.settings;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.spring.settings.SandboxProperties.Pool;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;
import java.util.function.Function;

/// Makes the pool of a profile: each property is its own, or else that of `sandbox.defaults`.
final class PoolSettings {
    private final Pool merged;
    private final @Nullable Pool own;
    private final Setting ofCommon = new Setting("sandbox.defaults.pool");
    private final Setting ofOwn;

    private PoolSettings(Pool merged, @Nullable Pool own, String prefix) {
        this.merged = merged;
        this.own = own;
        ofOwn = new Setting(prefix);
    }

    /// @param common the properties of the defaults; null for none
    /// @param own the properties of the profile; null for none
    /// @param prefix the name of those of the profile
    static SandboxPool pool(
            Sandbox sandbox, @Nullable Pool common, @Nullable Pool own, String prefix) {
        SandboxPool.Builder builder = SandboxPool.of(sandbox);
        PoolSettings settings = new PoolSettings(merged(common, own), own, prefix);
        settings.size(builder);
        settings.set("queue", Pool::queue, builder::queue);
        settings.set("patience", Pool::patience, builder::patience);
        settings.set("idle-time", Pool::idleTime, builder::idleTime);
        settings.set("uses", Pool::uses, builder::uses);
        settings.set("health-check", Pool::healthCheck, builder::healthCheck);
        return settings.ofOwn.together(builder::build);
    }

    static Pool merged(@Nullable Pool common, @Nullable Pool own) {
        return new Pool(
                first(own, common, Pool::size),
                first(own, common, Pool::maxSize),
                first(own, common, Pool::queue),
                first(own, common, Pool::patience),
                first(own, common, Pool::idleTime),
                first(own, common, Pool::uses),
                first(own, common, Pool::healthCheck));
    }

    private static <T> @Nullable T first(
            @Nullable Pool own, @Nullable Pool common, Function<Pool, @Nullable T> property) {
        T mine = own == null ? null : property.apply(own);
        return mine != null || common == null ? mine : property.apply(common);
    }

    /// Both are checked together, so one of them is blamed: that of the profile, if there is one.
    private void size(SandboxPool.Builder builder) {
        Integer size = merged.size();
        Integer most = merged.maxSize();
        if (size == null || most != null && isOwn(Pool::maxSize) && !isOwn(Pool::size)) {
            set("max-size", Pool::maxSize, max -> builder.size(size == null ? 1 : size, max));
        } else {
            set("size", Pool::size, least -> builder.size(least, most == null ? least : most));
        }
    }

    private <T> void set(String name, Function<Pool, @Nullable T> property, Consumer<T> setter) {
        (isOwn(property) ? ofOwn : ofCommon).set(name, property.apply(merged), setter);
    }

    private boolean isOwn(Function<Pool, ?> property) {
        return own != null && property.apply(own) != null;
    }
}
