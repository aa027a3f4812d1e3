package io.cloister.sandbox.linux.mount;

import java.util.List;

/// How a tree is built, in two parts.
///
/// @param base the root with everything that is the same for every launch of a policy; it can be
///   built once, ahead
/// @param own what each launch needs for itself: what it can write to, the mounts of the caller,
///   and its procfs
public record MountPlan(Base base, List<MountStep> own) {

    /// The plan on the host's mount namespace: nothing.
    public static final MountPlan NONE = new MountPlan(Base.NONE, List.of());

    /// How many file systems in memory are watched for being full.
    public static final int WATCHED = 250;

    /// Copies the list.
    public MountPlan {
        own = List.copyOf(own);
    }

    /// A base to look things up by: its hash is computed once, and the same object is equal at
    /// once. The hash is that of the kinds of the steps; the few bases of a program that have the
    /// same are told apart by `equals`.
    public static final class Base {
        private final List<MountStep> steps;
        private final int hash;

        private Base(List<MountStep> steps) {
            this.steps = List.copyOf(steps);
            int kinds = 1;
            for (MountStep step : this.steps) {
                kinds = 31 * kinds + step.getClass().hashCode();
            }
            hash = kinds;
        }

        /// No base.
        public static final Base NONE = new Base(List.of());

        /// The steps.
        public List<MountStep> steps() {
            return steps;
        }

        @Override
        public boolean equals(Object other) {
            return this == other
                    || other instanceof Base base && hash == base.hash && steps.equals(base.steps);
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /// The directories in memory that can be written to, without a leading slash.
    public List<String> writablePlaces() {
        return own.stream()
                .<String>mapMulti((step, out) -> {
                    switch (step) {
                        case MountStep.Scratch scratch -> scratch.places().forEach(out);
                        case MountStep.Tmpfs tmpfs -> out.accept(tmpfs.target().path());
                        default -> {}
                    }
                })
                .toList();
    }

    /// The directories of the kernel's own file systems that a launch has for itself, without a
    /// leading slash: terminals and message queues.
    public List<String> kernelPlaces() {
        return own.stream()
                .<String>mapMulti((step, out) -> {
                    switch (step) {
                        case MountStep.Terminals terminals -> out.accept(terminals.target().path());
                        case MountStep.MessageQueues queues -> out.accept(queues.target().path());
                        default -> {}
                    }
                })
                .toList();
    }

    /// The plan of these steps.
    public static MountPlan of(List<MountStep> base, List<MountStep> own) {
        return new MountPlan(new Base(base), own);
    }

    /// The file systems in memory that a launch has for itself and can write to, by the first place
    /// that shows each; of very many only the first ones, since a message takes 253 descriptors.
    public List<String> filesystems() {
        return own.stream()
                .<String>mapMulti((step, out) -> {
                    switch (step) {
                        case MountStep.Scratch scratch -> out.accept(scratch.places().getFirst());
                        case MountStep.Tmpfs tmpfs -> out.accept(tmpfs.target().path());
                        default -> {}
                    }
                })
                .map(path -> "/" + path)
                .limit(WATCHED)
                .toList();
    }

    /// Whether there is a place for pseudo-terminals of the sandbox's own.
    public boolean hasTerminals() {
        return own.stream().anyMatch(MountStep.Terminals.class::isInstance);
    }

    /// Whether there is nothing to build.
    public boolean isEmpty() {
        return base.steps().isEmpty();
    }

    /// Whether the base can be built ahead: it is a tmpfs of our own, and no later step looks for
    /// anything in the host's tree, which is out of sight then.
    public boolean canBePrepared() {
        return !base.steps().isEmpty()
                && base.steps().getFirst() instanceof MountStep.NewRoot
                // A prepared base has a procfs, which each launch must cover with its own.
                && own.stream().anyMatch(MountStep.Proc.class::isInstance)
                && own.stream().noneMatch(MountPlan::needsHostTree);
    }

    private static boolean needsHostTree(MountStep step) {
        return step instanceof MountStep.HostProc
                || step instanceof MountStep.Bind(Source source, _, _)
                        && !(source instanceof Source.Received);
    }
}
