// Who may know whom: modules, packages, and what services can see in the API.
package dev.p2pkit.samples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The picture of the modules, as a test. */
class ArchitectureTest {
  private static final String SDK = "dev.p2pkit.sdk..";
  private static final String OVERLAY = "dev.p2pkit.overlay..";
  private static final String CLIENT = "dev.p2pkit.client..";
  private static final String PEER = "dev.p2pkit.peer..";
  private static final String TESTING = "dev.p2pkit.peer.testing..";
  private static final String METRICS = "dev.p2pkit.peer.metrics..";
  private static final String SAMPLES = "dev.p2pkit.samples..";
  private static final List<String> HIDDEN_FROM_SERVICES =
      List.of("io.vertx.", "io.netty.", "com.google.", "com.esotericsoftware.");

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.p2pkit");
  }

  @Test
  void allModulesAreLookedAt() {
    // Rules over an empty set of classes hold; this one makes sure that the others can fail.
    for (String module : List.of("sdk", "overlay", "client", "peer", "samples")) {
      assertThat(classes.stream().map(JavaClass::getPackageName))
          .anyMatch(name -> name.startsWith("dev.p2pkit." + module));
    }
  }

  @Test
  void sdkKnowsNoOtherModule() {
    check(
        noClasses()
            .that()
            .resideInAPackage(SDK)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(OVERLAY, CLIENT, PEER, SAMPLES));
  }

  @Test
  void overlayKnowsOnlyTheSdk() {
    check(
        noClasses()
            .that()
            .resideInAPackage(OVERLAY)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CLIENT, PEER, SAMPLES));
  }

  @Test
  void clientKnowsOfTheOverlayOnlyTransportIdentityAndMachines() {
    check(
        noClasses()
            .that()
            .resideInAPackage(CLIENT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(PEER, SAMPLES));
    check(
        noClasses()
            .that()
            .resideInAPackage(CLIENT)
            .should()
            .dependOnClassesThat(
                JavaClass.Predicates.resideInAPackage(OVERLAY)
                    .and(
                        DescribedPredicate.not(
                            JavaClass.Predicates.resideInAnyPackage(
                                "dev.p2pkit.overlay.machine..",
                                "dev.p2pkit.overlay.transport..")))));
  }

  @Test
  void peerDoesNotKnowTheSamples() {
    check(
        noClasses()
            .that()
            .resideInAPackage(PEER)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(SAMPLES));
  }

  @Test
  void onlyThePackageForTestsKnowsJunitAndNothingKnowsIt() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(TESTING)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.junit..", "org.opentest4j..", TESTING));
  }

  @Test
  void onlyThePackageForMetricsKnowsMicrometerAndNothingKnowsIt() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(METRICS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.micrometer..", METRICS));
  }

  @Test
  void packagesHaveNoCycles() {
    // Each package is a slice of its own, so "sdk" and "sdk.codec" are two.
    check(slices().matching("dev.p2pkit.(**)").should().beFreeOfCycles());
  }

  @Test
  void sdkUsesNoVertxAnywhere() {
    check(
        noClasses()
            .that()
            .resideInAPackage(SDK)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..", "io.netty.."));
  }

  @Test
  void publicSignaturesOfTheSdkNameOnlyWhatServicesCanSee() {
    Set<String> offenders = new TreeSet<>();
    for (JavaClass type : classes) {
      if (!type.getPackageName().equals("dev.p2pkit.sdk")
          || !type.getModifiers().contains(JavaModifier.PUBLIC)) {
        continue;
      }
      type.getAllRawSuperclasses().forEach(parent -> note(offenders, type, parent));
      type.getAllRawInterfaces().forEach(parent -> note(offenders, type, parent));
      for (JavaCodeUnit unit : type.getCodeUnits()) {
        if (visible(unit.getModifiers())) {
          note(offenders, type, unit.getRawReturnType());
          unit.getRawParameterTypes().forEach(part -> note(offenders, type, part));
          unit.getAllInvolvedRawTypes().forEach(part -> note(offenders, type, part));
        }
      }
      for (JavaField field : type.getFields()) {
        if (visible(field.getModifiers())) {
          field.getType().getAllInvolvedRawTypes().forEach(part -> note(offenders, type, part));
        }
      }
    }
    assertThat(offenders).isEmpty();
  }

  private static boolean visible(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }

  private static void note(Set<String> offenders, JavaClass type, JavaClass part) {
    String name = part.getBaseComponentType().getName();
    if (HIDDEN_FROM_SERVICES.stream().anyMatch(name::startsWith)) {
      offenders.add(type.getName() + " shows " + name);
    }
  }

  private static void check(ArchRule rule) {
    rule.check(classes);
  }
}
