package io.cloister.sandbox.test.junit;

import io.cloister.sandbox.Sandbox;
import io.cloister.sandbox.SandboxPool;
import io.cloister.sandbox.SandboxSession;
import io.cloister.sandbox.SandboxUnavailableException;
import io.cloister.sandbox.test.fake.FakeSandbox;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.opentest4j.TestAbortedException;

import java.lang.reflect.Executable;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// For JUnit alone: what [SandboxTest] does. It has no state: what a test has is in the store of
/// its context, which closes it.
public final class SandboxExtension
        implements ExecutionCondition,
                ParameterResolver,
                BeforeAllCallback,
                BeforeEachCallback,
                TestExecutionExceptionHandler,
                LifecycleMethodExecutionExceptionHandler {

    private static final Namespace NAMESPACE = Namespace.create(SandboxExtension.class);

    /// What the host may be unable to make.
    private static final Set<Class<?>> MADE =
            Set.of(Sandbox.class, SandboxSession.class, SandboxPool.Lease.class);

    private static final Set<Class<?>> OTHERS = Set.of(Sandbox.Builder.class, FakeSandbox.class);

    private final CapabilityCondition condition = new CapabilityCondition();

    /// For JUnit.
    public SandboxExtension() {}

    /// The annotation of a test, or of its class or one around that.
    static Optional<SandboxTest> annotation(ExtensionContext context) {
        Optional<ExtensionContext> at = Optional.of(context);
        while (at.isPresent()) {
            Optional<SandboxTest> found =
                    at.get()
                            .getElement()
                            .flatMap(e -> AnnotationSupport.findAnnotation(e, SandboxTest.class));
            if (found.isPresent()) {
                return found;
            }
            at = at.get().getParent();
        }
        return Optional.empty();
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return condition.evaluateExecutionCondition(context);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws InterruptedException {
        Class<?> testClass = context.getRequiredTestClass();
        makeAhead(
                context,
                Stream.concat(
                        Stream.of(testClass.getDeclaredConstructors()),
                        AnnotationSupport.findAnnotatedMethods(
                                testClass, BeforeAll.class, HierarchyTraversalMode.TOP_DOWN)
                                .stream()));
    }

    @Override
    public void beforeEach(ExtensionContext context) throws InterruptedException {
        makeAhead(
                context,
                Stream.concat(
                        AnnotationSupport.findAnnotatedMethods(
                                context.getRequiredTestClass(),
                                BeforeEach.class,
                                HierarchyTraversalMode.TOP_DOWN)
                                .stream(),
                        Stream.of(context.getRequiredTestMethod())));
    }

    /// Makes what will be asked for. A test can be skipped from here; once its parameters are being
    /// resolved it can only fail.
    private static void makeAhead(ExtensionContext context, Stream<? extends Executable> users)
            throws InterruptedException {
        List<Class<?>> types =
                users.flatMap(user -> Stream.of(user.getParameterTypes()))
                        .filter(MADE::contains)
                        .distinct()
                        .toList();
        try {
            for (Class<?> type : types) {
                fixture(context).get(type);
            }
        } catch (SandboxUnavailableException e) {
            if (CapabilityCondition.neverSkips(context)) {
                throw e;
            }
            throw new TestAbortedException("needs " + e.missing() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return MADE.contains(type) || OTHERS.contains(type);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        try {
            return fixture(context).get(parameter.getParameter().getType());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ParameterResolutionException("interrupted while it waited for a lease", e);
        }
    }

    private static Fixture fixture(ExtensionContext context) {
        Settings settings =
                new Settings(annotation(context).orElseThrow(), context.getRequiredTestClass());
        return context.getStore(NAMESPACE).computeIfAbsent(settings, Fixture::new, Fixture.class);
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure)
            throws Throwable {
        throw told(context, failure);
    }

    @Override
    public void handleBeforeEachMethodExecutionException(
            ExtensionContext context, Throwable failure) throws Throwable {
        throw told(context, failure);
    }

    @Override
    public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
            throws Throwable {
        throw told(context, failure);
    }

    private static Throwable told(ExtensionContext context, Throwable failure) {
        Settings settings =
                new Settings(annotation(context).orElseThrow(), context.getRequiredTestClass());
        Fixture fixture = context.getStore(NAMESPACE).get(settings, Fixture.class);
        return fixture == null ? failure : FailureReport.of(failure, fixture.provider());
    }
}
