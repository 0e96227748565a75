// Under what name, as which instance and with what permissions a service is installed.
package dev.p2pkit.sdk;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Options of an install or upgrade.
 *
 * @param name the service's name and access point; empty for a fresh one that only the handle's
 *     holder can upgrade
 * @param instance tells several processors at one access point apart; each of them gets every
 *     message
 * @param upgradeable whether later versions are allowed
 * @param sharable whether peers that join later, or meet a message for the service, get it from
 *     others
 * @param ownerKey the file with the owner's Ed25519 key; by default the one in the user's
 *     configuration directory, which is made with mode 600 if it does not exist
 * @param deadline how long to wait for the peers' reports
 * @param rollout in which waves it reaches the peers; empty for all at once
 * @param callers whom the service answers
 */
public record InstallOptions(
    Optional<String> name,
    String instance,
    boolean upgradeable,
    boolean sharable,
    Optional<Path> ownerKey,
    Duration deadline,
    Optional<StagedRollout> rollout,
    Callers callers) {
  /** A fresh name, instance "1", upgradeable, sharable, the user's own key, 30 s. */
  public static final InstallOptions DEFAULT =
      new InstallOptions(
          Optional.empty(),
          "1",
          true,
          true,
          Optional.empty(),
          Duration.ofSeconds(30),
          Optional.empty(),
          Callers.AS_BEFORE);

  /** Whom a service answers. */
  public enum Callers {
    /** Whom it answered before the upgrade; everybody if it is new. */
    AS_BEFORE,
    /** Everybody who can send to it. */
    ANYBODY,
    /** Who shows a service ticket, and services of the same owner. */
    TICKET_HOLDERS
  }

  /**
   * Checks the names.
   *
   * @throws IllegalArgumentException if one has not 1 to 128 letters, digits, '.', '_', '-' or '@',
   *     or does not begin with a letter or digit
   */
  public InstallOptions {
    name.ifPresent(InstallOptions::checkName);
    checkName(instance);
  }

  private static void checkName(String name) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")) {
      throw new IllegalArgumentException(
          "a service or instance name has 1 to 128 letters, digits, '.', '_', '-' or '@' and begins with a letter or digit, not '"
              + Text.shorten(name)
              + "'");
    }
  }

  /** Instance "1" under a given name. */
  public static InstallOptions named(String name) {
    return new InstallOptions(
        Optional.of(name),
        DEFAULT.instance,
        DEFAULT.upgradeable,
        DEFAULT.sharable,
        DEFAULT.ownerKey,
        DEFAULT.deadline,
        DEFAULT.rollout,
        DEFAULT.callers);
  }

  /** The same for another instance. */
  public InstallOptions instance(String other) {
    return new InstallOptions(
        name, other, upgradeable, sharable, ownerKey, deadline, rollout, callers);
  }

  /** The same, but later versions are refused with {@link ErrorCode#NOT_UPGRADEABLE}. */
  public InstallOptions sealed() {
    return new InstallOptions(
        name, instance, false, sharable, ownerKey, deadline, rollout, callers);
  }

  /** The same, but peers that join later do not get the service. */
  public InstallOptions notSharable() {
    return new InstallOptions(
        name, instance, upgradeable, false, ownerKey, deadline, rollout, callers);
  }

  /** The same, signed with another owner's key. */
  public InstallOptions ownerKey(Path file) {
    return new InstallOptions(
        name, instance, upgradeable, sharable, Optional.of(file), deadline, rollout, callers);
  }

  /** The same with another time to wait. */
  public InstallOptions within(Duration time) {
    return new InstallOptions(
        name, instance, upgradeable, sharable, ownerKey, time, rollout, callers);
  }

  /** The same, in waves. */
  public InstallOptions staged(StagedRollout waves) {
    return new InstallOptions(
        name, instance, upgradeable, sharable, ownerKey, deadline, Optional.of(waves), callers);
  }

  /** The same under another name. */
  public InstallOptions under(String other) {
    return new InstallOptions(
        Optional.of(other), instance, upgradeable, sharable, ownerKey, deadline, rollout, callers);
  }

  /** The same, but only callers with a service ticket are answered. */
  public InstallOptions restricted() {
    return callers(Callers.TICKET_HOLDERS);
  }

  /** The same for other callers. */
  public InstallOptions callers(Callers whom) {
    return new InstallOptions(
        name, instance, upgradeable, sharable, ownerKey, deadline, rollout, whom);
  }
}
