package io.cloister.sandbox.linux.cgroup;

import io.cloister.sandbox.linux.limit.Controller;

import java.util.Set;

/// Where our subtree of version 2 goes.
///
/// @param directory the group that it is made in
/// @param controllers what groups in there can have
/// @param toEnable those of them that are still to be written to `cgroup.subtree_control`
/// @param own how it was found
/// @param occupied whether processes sit in the group; a group that hands out controllers may have
///   none (the no-internal-process rule of cgroups(7)), so they move to a leaf first
record Unified(
        String directory,
        Set<Controller> controllers,
        Set<Controller> toEnable,
        Own own,
        boolean occupied) {

    /// Why a group is ours to use, in the order in which they are looked at.
    enum Own {
        /// The system property names it.
        CONFIGURED("named by " + CgroupHost.PROPERTY),
        /// It was delegated, and this JVM is alone in it with its children.
        DELEGATED("delegated to this JVM"),
        /// It belongs to this user, is above the group of this JVM, and has no processes.
        ANCESTOR("delegated to this user"),
        /// It was delegated, and there are other processes of ours in it.
        SHARED("delegated, shared with other processes"),
        /// It is the topmost one, and we are root.
        TOPMOST("the topmost group");

        private final String meaning;

        Own(String meaning) {
            this.meaning = meaning;
        }

        String meaning() {
            return meaning;
        }
    }

    /// The leaf that processes of [#directory()] move to.
    static final String LEAF = "cloister.jvm";
}
