package dev.tutti.app;

import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.fleet.BackendNaming;
import dev.tutti.store.SavedBackend;
import dev.tutti.store.SqliteStore;
import dev.tutti.store.audit.AuditFile;
import dev.tutti.store.audit.AuditFileLimits;
import dev.tutti.worklist.FileShelf;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/// What a hub remembers from its earlier lives. Opening it reads the disk: never on an event loop.
///
/// @param files the bytes of files that clients uploaded and batches wrote
/// @param hubId this hub's name among hubs, the same at each start
/// @param backends engines that its owner added
/// @param learned what was learned of engines and answers, as {@link Learned} wrote it
/// @param diary the record of what was done
record Saved(
    SqliteStore store,
    FileShelf files,
    String hubId,
    List<SavedBackend> backends,
    SavedNodes nodes,
    Keys keys,
    String learned,
    HardwareFacts hardware,
    Diary diary)
    implements AutoCloseable {
  private static final int HUB_ID_BYTES = 8;

  Saved {
    backends = List.copyOf(backends);
  }

  /// Opens the database of that home, makes it if there is none, and reads it.
  static Saved open(Home home, Time time, SecureRandom random) {
    SqliteStore store = SqliteStore.open(home.database(), time);
    var backends = store.backends();
    var nodes = store.nodes();
    var keys = store.keys();
    String hubId = home.remembered("hub-id", () -> freshId(random));
    return new Saved(
        store,
        new FileShelf(home.files()),
        hubId,
        backends.join(),
        new SavedNodes(store, nodes.join()),
        new Keys(store, keys.join(), random, time),
        Learned.read(store),
        new HardwareFacts(),
        new Diary(AuditFile.open(home.directory(), time, AuditFileLimits.DEFAULT)));
  }

  /// What this machine is called in the mesh: as set, else after its host name.
  static NodeId self(Settings settings) {
    if (!settings.nodeName().isEmpty()) {
      return new NodeId(settings.nodeName());
    }
    return BackendNaming.nodeOf(hostName());
  }

  /// The name this machine gives itself.
  static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException _) {
      return "localhost";
    }
  }

  /// Writes what is still to be written and closes the database.
  @Override
  public void close() {
    diary.close();
    store.close();
  }

  private static String freshId(SecureRandom random) {
    var bytes = new byte[HUB_ID_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
