// The parts that put records in force on a peer, and how they are joined.
package dev.p2pkit.peer.registry;

import dev.p2pkit.client.record.ServiceRecord;
import dev.p2pkit.overlay.machine.RingView;
import dev.p2pkit.sdk.Key;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * What the registry needs of them.
 *
 * @param holdings answers who asks
 * @param shelf the archives of this peer
 * @param books puts records in force
 * @param review looks at what no record brings
 */
record RecordKeeping(Holdings holdings, ArchiveShelf shelf, Enactment books, Review review) {
  /**
   * Joins the parts.
   *
   * @param prepared the grant with which a record was prepared here
   * @param forgetArchive deletes an archive that nobody needs any more
   * @param changed called when a record is in force, or something runs, that was not before
   */
  static RecordKeeping join(
      RegistryConfig config,
      Catalogue catalogue,
      Admission admission,
      Deployer deployer,
      Deployment deployment,
      Waves waves,
      HealthBook health,
      RecordStore store,
      RegistryListener listener,
      Supplier<RingView> view,
      Function<ServiceRecord, Optional<Key>> prepared,
      Consumer<String> forgetArchive,
      LongConsumer changed) {
    Chronicle chronicle = new Chronicle();
    Holdings holdings = new Holdings(catalogue, chronicle, deployer);
    ArchiveShelf shelf =
        new ArchiveShelf(
            config.keepArchives(),
            catalogue,
            chronicle,
            deployer,
            deployment,
            holdings::has,
            forgetArchive);
    Placement placement =
        new Placement(catalogue, chronicle, deployer, waves, shelf, listener, view);
    Enactment books =
        new Enactment(
            catalogue, chronicle, admission, deployer, placement, shelf, store, listener, view,
            prepared, changed);
    Review review =
        new Review(
            catalogue,
            chronicle,
            deployer,
            deployment,
            waves,
            health,
            placement,
            books,
            listener,
            view,
            changed);
    return new RecordKeeping(holdings, shelf, books, review);
  }
}
