// The annotation processor for @KitService.
package dev.p2pkit.sdk.processor;

import dev.p2pkit.sdk.Durability;
import dev.p2pkit.sdk.KitService;
import dev.p2pkit.sdk.ServiceMaker;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.tools.Diagnostic;
import javax.tools.StandardLocation;

/**
 * Writes {@code META-INF/kit/service.json}; for a stateful service {@code
 * META-INF/kit/state-schema.json}; and {@code META-INF/kit/message-schema.json} where the service
 * names its messages. What would only fail when a peer loads the archive is an error of the
 * compiler here.
 */
@SupportedAnnotationTypes("dev.p2pkit.sdk.KitService")
public final class KitServiceProcessor extends AbstractProcessor {
  private static final String DESCRIPTOR = "META-INF/kit/service.json";

  /** What peers take for the limit of a state whose descriptor says nothing. */
  private static final long STATE_BYTES = 16 << 20;

  private static final String SCHEMA = "META-INF/kit/state-schema.json";
  private static final String MESSAGES = "META-INF/kit/message-schema.json";

  /** The most types of messages; {@code service check} reads no more. */
  private static final int MOST_MESSAGES = 1_000;

  private Optional<String> written = Optional.empty();

  /** For the compiler. */
  public KitServiceProcessor() {}

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latestSupported();
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    for (Element element : round.getElementsAnnotatedWith(KitService.class)) {
      if (element instanceof TypeElement maker) {
        service(maker, maker.getAnnotation(KitService.class));
      }
    }
    return false;
  }

  private void service(TypeElement maker, KitService service) {
    String name = processingEnv.getElementUtils().getBinaryName(maker).toString();
    if (written.isPresent()) {
      error(maker, "an archive has one @KitService, but " + written.get() + " is one too");
      return;
    }
    Optional<TypeElement> state = state(maker);
    List<TypeMirror> messages = messages(maker);
    if (!isMaker(maker)
        || !isValid(maker, service)
        || !isDurable(maker, service, state.isPresent())
        || !state.map(this::isState).orElse(true)
        || !areMessages(maker, messages)) {
      return;
    }
    written = Optional.of(name);
    Map<String, Object> descriptor = new LinkedHashMap<>();
    descriptor.put("format", 1);
    descriptor.put("name", service.name());
    descriptor.put("version", service.version());
    descriptor.put("maker", name);
    state.ifPresent(
        type -> {
          Map<String, Object> described = new LinkedHashMap<>();
          described.put("type", processingEnv.getElementUtils().getBinaryName(type).toString());
          described.put("schema", service.schema());
          if (service.durability() != Durability.NONE) {
            described.put("durability", service.durability().name());
            described.put("snapshotMillis", service.snapshotMillis());
            described.put("startAnewIfDamaged", service.startAnewIfDamaged());
          }
          descriptor.put("state", described);
        });
    Map<String, Object> execution = new LinkedHashMap<>();
    execution.put("mode", service.execution().name());
    execution.put("turnMillis", service.turnMillis());
    descriptor.put("execution", execution);
    Map<String, Object> mailbox = new LinkedHashMap<>();
    mailbox.put("messages", service.mailboxMessages());
    mailbox.put("bytes", service.mailboxBytes());
    descriptor.put("mailbox", mailbox);
    Map<String, Object> quota = quota(service);
    if (!quota.isEmpty()) {
      descriptor.put("quota", quota);
    }
    write(maker, DESCRIPTOR, descriptor);
    state.ifPresent(
        type ->
            write(
                maker,
                SCHEMA,
                ClassShapes.ofState(type, service.schema(), processingEnv.getElementUtils())));
    if (!messages.isEmpty()) {
      List<TypeElement> types =
          messages.stream().map(type -> (TypeElement) ((DeclaredType) type).asElement()).toList();
      write(maker, MESSAGES, ClassShapes.ofMessages(types, processingEnv.getElementUtils()));
    }
  }

  /** What the service limits itself to, beside what it is limited to anyway. */
  private static Map<String, Object> quota(KitService service) {
    Map<String, Object> quota = new LinkedHashMap<>();
    if (service.maxStateBytes() != STATE_BYTES) {
      quota.put("stateBytes", service.maxStateBytes());
    }
    if (service.maxCpuPercent() != 0) {
      quota.put("cpuPercent", service.maxCpuPercent());
    }
    if (service.maxAllocationPerSecond() != 0) {
      quota.put("allocationPerSecond", service.maxAllocationPerSecond());
    }
    if (service.maxMessagesPerSecond() != 0) {
      quota.put("messagesPerSecond", service.maxMessagesPerSecond());
    }
    return quota;
  }

  private boolean isMaker(TypeElement maker) {
    if (maker.getKind() != ElementKind.CLASS || maker.getModifiers().contains(Modifier.ABSTRACT)) {
      return error(maker, "a @KitService is a class that is not abstract");
    }
    if (maker.getNestingKind().isNested() && !maker.getModifiers().contains(Modifier.STATIC)) {
      return error(maker, "a nested @KitService is static: nobody makes the object around it");
    }
    if (!maker.getModifiers().contains(Modifier.PUBLIC)) {
      return error(maker, "a @KitService is public");
    }
    TypeElement wanted =
        processingEnv.getElementUtils().getTypeElement(ServiceMaker.class.getCanonicalName());
    if (wanted == null
        || !processingEnv.getTypeUtils().isSubtype(maker.asType(), wanted.asType())) {
      return error(maker, "a @KitService implements " + ServiceMaker.class.getName());
    }
    for (ExecutableElement constructor :
        ElementFilter.constructorsIn(maker.getEnclosedElements())) {
      if (constructor.getParameters().isEmpty()
          && constructor.getModifiers().contains(Modifier.PUBLIC)) {
        return true;
      }
    }
    return error(maker, "a @KitService has a public constructor without arguments");
  }

  private boolean isValid(TypeElement maker, KitService service) {
    if (!service.name().matches("[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")) {
      return error(
          maker,
          "the name of a service has 1 to 128 letters, digits, '.', '_', '-' or '@' and begins with"
              + " a letter or digit");
    }
    if (!service.version().matches("[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")) {
      return error(
          maker,
          "the version of a service has 1 to 64 letters, digits, '.', '_', '+' or '-' and begins"
              + " with a letter or digit");
    }
    if (service.schema() < 1) {
      return error(maker, "the schema of a state is a number from 1 on");
    }
    if (service.turnMillis() < 1 || service.turnMillis() > 600_000) {
      return error(maker, "turnMillis lies between 1 and 600000");
    }
    if (service.mailboxMessages() < 1 || service.mailboxBytes() < 1) {
      return error(maker, "a mailbox holds at least one message and one byte");
    }
    if (service.maxStateBytes() < 1
        || service.maxCpuPercent() < 0
        || service.maxAllocationPerSecond() < 0
        || service.maxMessagesPerSecond() < 0) {
      return error(maker, "maxStateBytes is at least 1, the other limits 0 (none) or more");
    }
    return true;
  }

  private boolean isDurable(TypeElement maker, KitService service, boolean stateful) {
    if (service.durability() != Durability.NONE && !stateful) {
      return error(maker, "durability needs a state: name its type with 'state'");
    }
    if (service.snapshotMillis() < 10 || service.snapshotMillis() > 600_000) {
      return error(maker, "snapshotMillis lies between 10 and 600000");
    }
    return true;
  }

  private static Optional<TypeElement> state(TypeElement maker) {
    return value(maker, "state")
        .filter(value -> value instanceof DeclaredType)
        .map(value -> (TypeElement) ((DeclaredType) value).asElement());
  }

  private static List<TypeMirror> messages(TypeElement maker) {
    List<TypeMirror> types = new ArrayList<>();
    if (value(maker, "messages").orElse(null) instanceof List<?> values) {
      for (Object value : values) {
        if (value instanceof AnnotationValue one && one.getValue() instanceof TypeMirror type) {
          types.add(type);
        }
      }
    }
    return types;
  }

  /** What the annotation says; its class values are types here, not classes. */
  private static Optional<Object> value(TypeElement maker, String name) {
    for (AnnotationMirror mirror : maker.getAnnotationMirrors()) {
      if (mirror.getAnnotationType().toString().equals(KitService.class.getName())) {
        for (Map.Entry<? extends ExecutableElement, ? extends AnnotationValue> entry :
            mirror.getElementValues().entrySet()) {
          if (entry.getKey().getSimpleName().contentEquals(name)) {
            return Optional.of(entry.getValue().getValue());
          }
        }
      }
    }
    return Optional.empty();
  }

  private boolean areMessages(TypeElement maker, List<TypeMirror> messages) {
    if (messages.size() > MOST_MESSAGES) {
      return error(maker, "a service names at most " + MOST_MESSAGES + " types of messages");
    }
    for (TypeMirror message : messages) {
      if (!(message instanceof DeclaredType) || message.toString().startsWith("java.")) {
        return error(
            maker,
            "messages are records or classes of the archive, not "
                + message
                + "; those of the JDK need not be named");
      }
    }
    return true;
  }

  private boolean isState(TypeElement state) {
    String name = state.getQualifiedName().toString();
    if (state.getKind() != ElementKind.CLASS || name.startsWith("java.")) {
      return true;
    }
    boolean makeable =
        ElementFilter.constructorsIn(state.getEnclosedElements()).stream()
            .anyMatch(constructor -> constructor.getParameters().isEmpty());
    return makeable
        || error(state, "a state is a record, or a class with a constructor without arguments");
  }

  private void write(TypeElement maker, String file, Map<String, Object> content) {
    try (Writer writer =
        processingEnv
            .getFiler()
            .createResource(StandardLocation.CLASS_OUTPUT, "", file, maker)
            .openWriter()) {
      writer.write(Json.of(content));
    } catch (IOException e) {
      error(maker, "cannot write " + file + ": " + e.getMessage());
    }
  }

  /** Reports an error; always false. */
  private boolean error(Element where, String what) {
    processingEnv.getMessager().printMessage(Diagnostic.Kind.ERROR, what, where);
    return false;
  }
}
