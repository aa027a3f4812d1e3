package io.cloister.sandbox.linux.kernel;

import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.event.LoggingEvent;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.LoggingEventAware;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/// Prints all that is logged, whatever its level, for who reads it: a JVM of its own is told with
/// `-Dslf4j.provider`.
public final class PrintedLog implements SLF4JServiceProvider {

    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter contexts = new NOPMDCAdapter();

    /// For slf4j.
    public PrintedLog() {}

    @Override
    public ILoggerFactory getLoggerFactory() {
        return Printer::new;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return contexts;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    @Override
    public void initialize() {}

    private static final class Printer extends LegacyAbstractLogger implements LoggingEventAware {

        private static final long serialVersionUID = 1;

        Printer(String name) {
            this.name = name;
        }

        @Override
        public void log(LoggingEvent event) {
            print(
                    event.getLevel(),
                    event.getMessage() + " " + event.getKeyValuePairs(),
                    event.getArgumentArray(),
                    event.getThrowable());
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level, Marker marker, String text, Object[] arguments, Throwable problem) {
            print(level, text, arguments, problem);
        }

        private synchronized void print(
                Level level, String text, Object[] arguments, Throwable problem) {
            System.out.println(
                    "%s %s %s"
                            .formatted(
                                    level,
                                    name,
                                    MessageFormatter.arrayFormat(text, arguments).getMessage()));
            if (problem != null) {
                problem.printStackTrace(System.out);
            }
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return Printer.class.getName();
        }

        @Override
        public boolean isTraceEnabled() {
            return true;
        }

        @Override
        public boolean isDebugEnabled() {
            return true;
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }
    }
}
