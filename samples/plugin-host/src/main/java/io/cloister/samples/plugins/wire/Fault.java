package io.cloister.samples.plugins.wire;

import tools.jackson.core.JacksonException;

/// Why a method did not return, as text: no exception crosses the socket as an object.
///
/// @param type the name of the exception's class
/// @param message its message, maybe empty
public record Fault(String type, String message) {
    private static final int LONGEST = 2000;

    /// Cuts long texts.
    public Fault {
        type = cut(type);
        message = cut(message);
    }

    static Fault of(Throwable problem) {
        return new Fault(problem.getClass().getName(), String.valueOf(problem.getMessage()));
    }

    byte[] encode() {
        return Json.MAPPER.writeValueAsBytes(this);
    }

    static Fault decode(byte[] body) {
        try {
            Fault fault = Json.MAPPER.readValue(body, Fault.class);
            return fault == null ? new Fault("null", "") : fault;
        } catch (JacksonException e) {
            return new Fault("unreadable", e.getOriginalMessage());
        }
    }

    private static String cut(String text) {
        // Jackson passes null for what is left out.
        String known = String.valueOf(text);
        return known.length() > LONGEST ? known.substring(0, LONGEST) : known;
    }
}
