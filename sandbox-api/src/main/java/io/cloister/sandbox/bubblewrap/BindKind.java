package io.cloister.sandbox.bubblewrap;

/// Which of the options that bind.
record BindKind(boolean writable, boolean devices, boolean optional) {

    static BindKind of(boolean writable) {
        return new BindKind(writable, false, false);
    }

    BindKind withDevices() {
        return new BindKind(writable, true, optional);
    }

    BindKind unlessMissing() {
        return new BindKind(writable, devices, true);
    }
}
