// A release that is loaded: its classes, its descriptor and the codec for them.
package dev.p2pkit.peer.service;

import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitException;
import dev.p2pkit.sdk.Network;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceMaker;
import dev.p2pkit.sdk.StateSteps;
import dev.p2pkit.sdk.codec.PayloadCodec;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One version of a service on this peer. Immutable, but for being closed. */
final class Version {
  private static final Logger LOG = LoggerFactory.getLogger(Version.class);

  private final Release release;
  private final Manifest manifest;
  private final ArchiveLoader loader;
  private final LoaderWatch.Trace trace;
  private final ServiceDescriptor descriptor;
  private final ServiceCodec codec;
  private final Dispatch dispatch;
  private final ServicePlace place;
  private final Network network;

  private Version(
      Release release,
      Manifest manifest,
      ArchiveLoader loader,
      LoaderWatch.Trace trace,
      ServiceDescriptor descriptor,
      ServicePlace place,
      Network network) {
    this.release = release;
    this.manifest = manifest;
    this.loader = loader;
    this.trace = trace;
    this.descriptor = descriptor;
    this.codec = ServiceCodec.of(loader);
    this.dispatch = new Dispatch(release.key(), descriptor, codec);
    this.place = place;
    this.network = network;
  }

  /**
   * Checks an archive, loads it and calls its maker, on the present thread.
   *
   * @throws KitException BAD_ARCHIVE or VERSION_SKEW; no class loader is left open then
   */
  static Version load(Release release, LoaderWatch watch, ServicePlace place, Network network) {
    ArchiveReader.Contents contents =
        ArchiveReader.read(release.archiveFile(), release.archiveHash());
    ArchiveLoader loader;
    try {
      loader = ArchiveLoader.open(release, contents.libraries());
    } catch (IOException e) {
      throw new KitException(
          ErrorCode.BAD_ARCHIVE,
          "the archive of " + release.key() + " cannot be opened: " + e.getMessage(),
          e);
    }
    LoaderWatch.Trace trace = watch.opened(release.key(), loader);
    place.executor().use(loader);
    Version version = null;
    try {
      ServiceDescriptor descriptor = make(contents.manifest(), loader, place);
      check(contents.manifest(), descriptor);
      version =
          new Version(release, contents.manifest(), loader, trace, descriptor, place, network);
      return version;
    } finally {
      if (version == null) {
        close(loader, trace, place);
      }
    }
  }

  private static ServiceDescriptor make(
      Manifest manifest, ArchiveLoader loader, ServicePlace place) {
    return inside(
        loader,
        () -> {
          ServiceMaker maker = maker(manifest.maker(), loader);
          ServiceDescriptor descriptor;
          try {
            descriptor = maker.make(place);
          } catch (Exception | LinkageError e) {
            throw bad(
                "the maker "
                    + manifest.maker()
                    + " failed: "
                    + Failure.describe(e)
                    + "; correct it and build the archive again");
          }
          if (descriptor == null) {
            throw bad("the maker " + manifest.maker() + " returned null; return a descriptor");
          }
          return descriptor;
        });
  }

  private static ServiceMaker maker(String name, ArchiveLoader loader) {
    Object made;
    try {
      made = Class.forName(name, true, loader).getConstructor().newInstance();
    } catch (ClassNotFoundException e) {
      throw bad("the maker " + name + " is not in the archive; build the archive from all classes");
    } catch (NoSuchMethodException | IllegalAccessException | InstantiationException e) {
      throw bad(
          "the maker "
              + name
              + " needs to be a public class with a public constructor "
              + "without arguments");
    } catch (java.lang.reflect.InvocationTargetException e) {
      throw bad(
          "the constructor of " + name + " failed: " + Failure.describe(e.getTargetException()));
    } catch (LinkageError e) {
      throw bad(
          "the maker "
              + name
              + " does not load: "
              + Failure.describe(e)
              + "; put what it needs into the archive (a service sees the JDK, the SDK and SLF4J only)");
    }
    if (made instanceof ServiceMaker maker) {
      return maker;
    }
    throw bad("the maker " + name + " does not implement dev.p2pkit.sdk.ServiceMaker");
  }

  private static void check(Manifest manifest, ServiceDescriptor descriptor) {
    String declared = manifest.state().map(Manifest.State::type).orElse("none");
    String made = descriptor.stateType().map(Class::getName).orElse("none");
    if (!declared.equals(made)) {
      throw bad(
          Manifest.ENTRY
              + " says that the state is '"
              + Manifest.shorten(declared)
              + "', but make() returns a service whose state is '"
              + made
              + "'; give @KitService the same state");
    }
    descriptor
        .stateType()
        .flatMap(PayloadCodec::unfitPart)
        .ifPresent(
            what -> {
              throw bad(what);
            });
    int schema = manifest.state().map(Manifest.State::schema).orElse(0);
    descriptor.steps().upgrades().forEach((from, step) -> checkUpgrade(schema, from, step));
    descriptor
        .steps()
        .downgrades()
        .keySet()
        .forEach(
            to -> {
              if (to >= schema) {
                throw bad(
                    "make() declares downgradeState("
                        + to
                        + ", ...), but the schema of the state is "
                        + schema
                        + "; raise schema in @KitService, a state goes down to older schemas only");
              }
            });
  }

  private static void checkUpgrade(int schema, int from, StateSteps.Upgrade step) {
    if (from >= schema) {
      throw bad(
          "make() declares an upgrade from schema "
              + from
              + ", but the schema of the state is "
              + schema
              + "; raise schema in @KitService whenever the state needs a step");
    }
    if (step instanceof StateSteps.Upgrade.Link link && link.to() > schema) {
      throw bad(
          "make() declares upgradeFrom("
              + from
              + ", "
              + link.to()
              + ", ...), but the schema of the state is "
              + schema
              + "; raise schema in @KitService, or end the chain there");
    }
  }

  /** Runs something with the context class loader of an archive. */
  private static <T> T inside(ClassLoader loader, Supplier<T> work) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(loader);
    try {
      return work.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** Runs code of the service with its context class loader. */
  <T> T inside(Supplier<T> work) {
    return inside(loader, work);
  }

  /**
   * The state of a first start.
   *
   * @throws KitException BAD_ARCHIVE if there is none to be had
   */
  StateKeeper initialState() {
    Optional<Supplier<?>> supplier = descriptor.initialState();
    Optional<Class<?>> type = descriptor.stateType();
    if (supplier.isEmpty() || type.isEmpty()) {
      return StateKeeper.stateless(codec);
    }
    return inside(
        () -> {
          try {
            StateKeeper keeper = StateKeeper.of(codec, type.get(), supplier.get().get());
            codec.decodeState(keeper.encoded(), type.get());
            return keeper;
          } catch (RuntimeException | LinkageError | StackOverflowError e) {
            throw bad(
                "the initial state of "
                    + release.key()
                    + " cannot be used: "
                    + Failure.describe(e)
                    + "; a state is made of records, plain classes, values and collections of them");
          }
        });
  }

  /** A stateful version's keeper for a state in this version's own encoding. */
  StateKeeper restored(byte[] encoded) {
    Class<?> type = descriptor.stateType().orElseThrow();
    return inside(() -> StateKeeper.of(codec, type, codec.decodeState(encoded, type)));
  }

  Release release() {
    return release;
  }

  Manifest manifest() {
    return manifest;
  }

  ClassLoader loader() {
    return loader;
  }

  ServiceDescriptor descriptor() {
    return descriptor;
  }

  ServiceCodec codec() {
    return codec;
  }

  Dispatch dispatch() {
    return dispatch;
  }

  ServicePlace place() {
    return place;
  }

  Network network() {
    return network;
  }

  int schema() {
    return manifest.state().map(Manifest.State::schema).orElse(0);
  }

  /** Closes the class loader; no turn of this version may be running. */
  void close() {
    close(loader, trace, place);
  }

  private static void close(ArchiveLoader loader, LoaderWatch.Trace trace, ServicePlace place) {
    place.executor().close();
    try {
      loader.close();
    } catch (IOException e) {
      LOG.warn("the archive of {} could not be closed: {}", loader.getName(), e.getMessage());
    }
    trace.closed();
  }

  private static KitException bad(String what) {
    return new KitException(ErrorCode.BAD_ARCHIVE, what);
  }
}
