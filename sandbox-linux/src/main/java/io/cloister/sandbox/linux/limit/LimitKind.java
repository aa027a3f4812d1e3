package io.cloister.sandbox.linux.limit;

/// The limits that control groups can hold, and the controller that each takes.
public enum LimitKind {
    MEMORY(Controller.MEMORY),
    MEMORY_HIGH(Controller.MEMORY),
    SWAP(Controller.MEMORY),
    PIDS(Controller.PIDS),
    CPUS(Controller.CPU),
    CPU_BURST(Controller.CPU),
    CPU_WEIGHT(Controller.CPU),
    CPUSET(Controller.CPUSET),
    MEMORY_NODES(Controller.CPUSET),
    IO(Controller.IO),
    IO_WEIGHT(Controller.IO),
    HUGE_PAGES(Controller.HUGETLB);

    private final Controller controller;

    LimitKind(Controller controller) {
        this.controller = controller;
    }

    /// The controller that enforces it.
    public Controller controller() {
        return controller;
    }
}
