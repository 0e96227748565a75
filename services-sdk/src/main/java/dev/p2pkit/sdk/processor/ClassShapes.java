// The shapes of a state or of messages: their classes with the names and types of their components.
package dev.p2pkit.sdk.processor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;

/**
 * Collects the classes that a state or a message is made of: records with their components, classes
 * with their fields, enums with their constants, sealed interfaces with their kinds. Classes of the
 * JDK and the SDK are named but not described.
 */
final class ClassShapes {
  private final Elements elements;
  private final Map<String, Object> classes = new LinkedHashMap<>();

  private ClassShapes(Elements elements) {
    this.elements = elements;
  }

  /** The schema of a state as JSON values. */
  static Map<String, Object> ofState(TypeElement state, int schema, Elements elements) {
    ClassShapes collected = new ClassShapes(elements);
    collected.describe(state);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("format", 1);
    all.put("schema", schema);
    all.put("type", elements.getBinaryName(state).toString());
    all.put("classes", collected.classes);
    return all;
  }

  /** The shapes of messages as JSON values. */
  static Map<String, Object> ofMessages(List<TypeElement> messages, Elements elements) {
    ClassShapes collected = new ClassShapes(elements);
    messages.forEach(collected::describe);
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("format", 1);
    all.put(
        "types", messages.stream().map(type -> elements.getBinaryName(type).toString()).toList());
    all.put("classes", collected.classes);
    return all;
  }

  private void describe(TypeElement type) {
    String name = elements.getBinaryName(type).toString();
    if (name.startsWith("java.") || name.startsWith("dev.p2pkit.sdk.")) {
      return;
    }
    if (classes.containsKey(name)) {
      return;
    }
    Map<String, Object> description = new LinkedHashMap<>();
    classes.put(name, description);
    if (type.getKind() == ElementKind.ENUM) {
      description.put("kind", "enum");
      List<String> constants = new ArrayList<>();
      for (Element member : type.getEnclosedElements()) {
        if (member.getKind() == ElementKind.ENUM_CONSTANT) {
          constants.add(member.getSimpleName().toString());
        }
      }
      description.put("constants", constants);
    } else if (type.getKind() == ElementKind.INTERFACE) {
      description.put("kind", "interface");
      List<String> permitted = new ArrayList<>();
      for (TypeMirror kind : type.getPermittedSubclasses()) {
        permitted.add(text(kind));
        visit(kind);
      }
      description.put("permits", permitted);
    } else {
      description.put("kind", type.getKind() == ElementKind.RECORD ? "record" : "class");
      description.put("components", components(type));
    }
  }

  /**
   * The fields of a class, those of the classes above it included; a record's are its components.
   */
  private List<Object> components(TypeElement type) {
    List<Object> components = new ArrayList<>();
    for (VariableElement field : ElementFilter.fieldsIn(type.getEnclosedElements())) {
      boolean kept =
          !field.getModifiers().contains(Modifier.STATIC)
              && !field.getModifiers().contains(Modifier.TRANSIENT);
      if (kept) {
        Map<String, Object> component = new LinkedHashMap<>();
        component.put("name", field.getSimpleName().toString());
        component.put("type", text(field.asType()));
        components.add(component);
        visit(field.asType());
      }
    }
    if (type.getKind() == ElementKind.CLASS
        && type.getSuperclass() instanceof DeclaredType above
        && above.asElement() instanceof TypeElement superclass
        && !superclass.getQualifiedName().contentEquals("java.lang.Object")) {
      components.addAll(components(superclass));
    }
    return components;
  }

  private void visit(TypeMirror type) {
    if (type instanceof ArrayType array) {
      visit(array.getComponentType());
    } else if (type instanceof DeclaredType declared && declared.getKind() == TypeKind.DECLARED) {
      if (declared.asElement() instanceof TypeElement element) {
        describe(element);
      }
      declared.getTypeArguments().forEach(this::visit);
    }
  }

  /** The type as its author would write it, with binary names and without annotations. */
  private String text(TypeMirror type) {
    if (type instanceof ArrayType array) {
      return text(array.getComponentType()) + "[]";
    }
    if (type instanceof DeclaredType declared
        && declared.asElement() instanceof TypeElement element) {
      StringBuilder out = new StringBuilder(elements.getBinaryName(element));
      String separator = "<";
      for (TypeMirror argument : declared.getTypeArguments()) {
        out.append(separator).append(text(argument));
        separator = ", ";
      }
      return out.append(declared.getTypeArguments().isEmpty() ? "" : ">").toString();
    }
    return type.getKind().isPrimitive()
        ? type.getKind().name().toLowerCase(java.util.Locale.ROOT)
        : type.toString();
  }
}
