package io.cloister.sandbox.linux.mount;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A tree as the kernel would see it, built by the steps of a plan: it knows which mount covers
/// what, and refuses what the kernel would refuse, and what must never be.
final class ModelTree {

    private enum Kind {
        DIRECTORY,
        FILE,
        LINK
    }

    /// A mount, and what was made in it.
    private static final class Layer {
        final boolean own;
        final Map<String, Kind> nodes = new HashMap<>();
        final Map<String, Layer> covers = new HashMap<>();

        Layer(boolean own) {
            this.own = own;
        }
    }

    /// Where a path leads.
    private record Place(Layer layer, String path) {}

    private final List<Layer> roots = new ArrayList<>();
    private boolean sealed;

    static void build(MountPlan plan) {
        ModelTree tree = new ModelTree();
        Plans.all(plan).forEach(tree::apply);
    }

    private void apply(MountStep step) {
        switch (step) {
            case MountStep.NewRoot _ -> root(true);
            case MountStep.DirectoryRoot _ -> root(false);
            case MountStep.MakeDirectory(String path, _) -> make(path, Kind.DIRECTORY);
            case MountStep.MakeFile(String path) -> make(path, Kind.FILE);
            case MountStep.WriteFile(String path, _, _) -> make(path, Kind.FILE);
            case MountStep.MakeSymlink(String path, _) -> make(path, Kind.LINK);
            case MountStep.Bind(Source source, MountStep.Target target, _) ->
                    mount(target, false, source.directory());
            case MountStep.Device(_, MountStep.Target target) ->
                    cover(find(target.path()), target, false, false);
            case MountStep.Scratch(List<String> places, _, _) ->
                    places.forEach(place -> mount(new MountStep.Target(place, true), true, true));
            case MountStep.Tmpfs(MountStep.Target target, _, _, _, _) -> mount(target, true, true);
            case MountStep.MessageQueues(MountStep.Target target) -> mount(target, false, true);
            case MountStep.Terminals(MountStep.Target target, _) -> mount(target, false, true);
            case MountStep.Proc(MountStep.Target target, _) -> mount(target, false, true);
            case MountStep.HostProc(MountStep.Target target) -> mount(target, false, true);
            case MountStep.HideProc _, MountStep.ReadOnlyProc _ -> {}
            case MountStep.SealRoot _ -> sealed = true;
        }
    }

    private void root(boolean own) {
        check(roots.isEmpty(), "a second root");
        roots.add(new Layer(own));
    }

    private void make(String path, Kind kind) {
        Place place = find(path);
        check(place.layer.own, "made in a tree of the host: " + path);
        check(place.layer != roots.getFirst() || !sealed, "made in the sealed root: " + path);
        check(!place.path.isEmpty() && !place.layer.nodes.containsKey(place.path), path + " twice");
        int slash = place.path.lastIndexOf('/');
        if (slash > 0) {
            String parent = place.path.substring(0, slash);
            check(
                    place.layer.nodes.get(parent) == Kind.DIRECTORY,
                    "no directory " + parent + " for " + path);
        }
        place.layer.nodes.put(place.path, kind);
    }

    private void mount(MountStep.Target target, boolean own, boolean directory) {
        Place place = find(target.path());
        check(target.own() == place.layer.own, "own is wrong: " + target);
        cover(place, target, own, directory);
    }

    private static void cover(
            Place place, MountStep.Target target, boolean own, boolean directory) {
        if (place.layer.own && !place.path.isEmpty()) {
            Kind kind = place.layer.nodes.get(place.path);
            check(
                    kind == (directory ? Kind.DIRECTORY : Kind.FILE),
                    "mount point of " + target + " is " + kind);
        }
        place.layer.covers.put(place.path, new Layer(own));
    }

    /// Goes down the path, on top of whatever is mounted on the way.
    private Place find(String path) {
        Layer layer = roots.getFirst();
        String below = "";
        String[] names = path.split("/");
        for (int i = 0; i < names.length; i++) {
            below = below.isEmpty() ? names[i] : below + "/" + names[i];
            boolean last = i == names.length - 1;
            if (!last && layer.covers.containsKey(below)) {
                layer = layer.covers.get(below);
                below = "";
            }
        }
        return new Place(layer, below);
    }

    private static void check(boolean condition, String problem) {
        if (!condition) {
            throw new AssertionError(problem);
        }
    }
}
