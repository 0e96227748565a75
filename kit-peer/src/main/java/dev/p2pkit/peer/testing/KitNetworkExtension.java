// Starts networks for tests, and closes them.
package dev.p2pkit.peer.testing;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * What {@link KitNetwork} does. A network lives as long as the context that has asked for it: JUnit
 * closes it with the context's store.
 */
final class KitNetworkExtension
    implements ParameterResolver,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {
  private static final Namespace NAMESPACE = Namespace.create(KitNetworkExtension.class);

  /** The network of a class, or of a method that has no annotation of its own. */
  private static final String USUAL = "network";

  /** The network of a method that says itself what it wants. */
  private static final String OWN = "network of the method";

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestNetwork.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Optional<KitNetwork> own =
        context
            .getTestMethod()
            .flatMap(method -> AnnotationSupport.findAnnotation(method, KitNetwork.class));
    KitNetwork wanted = own.orElseGet(() -> ofClass(context));
    return context
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            own.isPresent() ? OWN : USUAL,
            key ->
                TestNetwork.start(
                    wanted.peers(), Duration.ofSeconds(wanted.limitSeconds()), wanted.heartbeat()),
            TestNetwork.class);
  }

  private static KitNetwork ofClass(ExtensionContext context) {
    Optional<Class<?>> type = context.getTestClass();
    while (type.isPresent()) {
      Optional<KitNetwork> found = AnnotationSupport.findAnnotation(type.get(), KitNetwork.class);
      if (found.isPresent()) {
        return found.get();
      }
      // A @Nested class is asked for before the one around it.
      type = Optional.ofNullable(type.get().getEnclosingClass());
    }
    throw new ExtensionConfigurationException(
        "annotate the test class, or the method, with @KitNetwork");
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  @Override
  public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw explained(context, failure);
  }

  /** The failure, with what the peers say of it; they still run. */
  private static Throwable explained(ExtensionContext context, Throwable failure) {
    for (String key : new String[] {USUAL, OWN}) {
      TestNetwork network = context.getStore(NAMESPACE).get(key, TestNetwork.class);
      if (network != null && !failure.toString().contains(PeerReports.TITLE)) {
        failure.addSuppressed(new Said(network.describe()));
      }
    }
    return failure;
  }

  /** Hangs what the peers say on a failure; where it was made is of no interest. */
  private static final class Said extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Said(String text) {
      super(text, null, false, false);
    }
  }
}
