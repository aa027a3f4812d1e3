package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.plan.Execution;
import io.cloister.sandbox.linux.plan.Footing;
import io.cloister.sandbox.linux.plan.LaunchPlan;
import io.cloister.sandbox.linux.program.InstalledFilter;
import io.cloister.sandbox.linux.program.LaunchCompiler;
import io.cloister.sandbox.linux.program.LaunchProgram;
import io.cloister.sandbox.linux.program.SyscallProgram;
import io.cloister.sandbox.linux.program.ZygoteProgram;

/// Compiles launches: into the request if they fit, else to be mapped.
final class LaunchPrograms {

    private LaunchPrograms() {}

    /// The program of a sandbox that stays.
    static LaunchProgram compileServer(LaunchPlan plan, Footing footing) {
        LaunchProgram program = compileServer(plan, footing, ZygoteProgram.REQUEST);
        return program.size() <= Transmission.INLINE
                ? program
                : compileServer(plan, footing, ZygoteProgram.MAPPED);
    }

    private static LaunchProgram compileServer(LaunchPlan plan, Footing footing, int base) {
        return LaunchProgram.of(LaunchCompiler.compileServer(plan, footing, Kernel.cpu(), base));
    }

    /// The program of a launch; its set-up is compiled when it is not among the latest ones.
    static LaunchProgram compile(
            Policy policy, LaunchPlan plan, Execution execution, Footing footing) {
        LaunchProgram program = compile(policy, plan, execution, footing, ZygoteProgram.REQUEST);
        return program.size() <= Transmission.INLINE
                ? program
                : compile(policy, plan, execution, footing, ZygoteProgram.MAPPED);
    }

    private static LaunchProgram compile(
            Policy policy, LaunchPlan plan, Execution execution, Footing footing, int base) {
        Policy.SetUpKey key = new Policy.SetUpKey(plan, execution.descriptors(), footing, base);
        return LaunchCompiler.link(
                policy.setUp(key, () -> setUp(key, policy.filter())), execution, policy.filter());
    }

    /// What a launch does before it executes the command.
    static SyscallProgram setUp(Policy.SetUpKey key, InstalledFilter filter) {
        return LaunchCompiler.compile(
                key.plan(), key.descriptors(), key.footing(), Kernel.cpu(), filter, key.base());
    }
}
