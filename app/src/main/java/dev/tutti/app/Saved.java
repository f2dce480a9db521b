package dev.tutti.app;

import dev.tutti.access.Spending;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.fleet.BackendNaming;
import dev.tutti.link.authority.Authority;
import dev.tutti.link.trust.Seal;
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
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// What a hub remembers from its earlier lives. Opening it reads the disk: never on an event loop.
///
/// @param files the bytes of files that clients uploaded and batches wrote
/// @param hubId this hub's name among hubs, the same at each start
/// @param backends engines that its owner added
/// @param keys who may use the hub
/// @param spent what the cloud has cost this month, by who asked, in millionths of a euro
/// @param accounts the keys and prices of backends
/// @param authority makes the certificates of this mesh
/// @param seal closes what is kept of invitations
/// @param learned what was learned of engines and answers, as {@link Learned} wrote it
/// @param diary the record of what was done
record Saved(
    SqliteStore store,
    FileShelf files,
    String hubId,
    List<SavedBackend> backends,
    SavedNodes nodes,
    Keys keys,
    Map<String, Long> spent,
    Accounts accounts,
    Authority authority,
    Seal seal,
    String learned,
    HardwareFacts hardware,
    Diary diary)
    implements AutoCloseable {
  private static final int HUB_ID_BYTES = 8;

  Saved {
    backends = List.copyOf(backends);
    spent = Map.copyOf(spent);
  }

  /// Opens the database of that home, makes it if there is none, and reads it.
  static Saved open(Home home, Time time, SecureRandom random) {
    String hubId = home.remembered("hub-id", () -> freshId(random));
    // Beside the database: the first time there is a lot to compute.
    var opening = new CompletableFuture<Authority>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            opening.complete(Authority.open(new AuthorityFile(home, random), hubId, time, random));
          } catch (RuntimeException broken) {
            opening.completeExceptionally(broken);
          }
        });
    SqliteStore store = SqliteStore.open(home.database(), time);
    try {
      return open(home, time, random, hubId, store, opening);
    } catch (RuntimeException broken) {
      store.close();
      throw broken;
    }
  }

  private static Saved open(
      Home home,
      Time time,
      SecureRandom random,
      String hubId,
      SqliteStore store,
      CompletableFuture<Authority> opening) {
    var backends = store.backends();
    var nodes = store.nodes();
    var keys = store.keys();
    var spent = store.spent(Spending.monthOf(time.now()));
    var invites = store.invites();
    var revocations = store.revocations();
    var made = new Keys(store, keys.join(), random, time);
    var diary =
        new Diary(
            AuditFile.open(home.directory(), time, AuditFileLimits.DEFAULT),
            home.remembered(Witness.SALT_FILE, () -> Seal.freshKey(random)));
    made.witness(diary::key);
    return new Saved(
        store,
        new FileShelf(home.files()),
        hubId,
        backends.join(),
        new SavedNodes(store, nodes.join(), invites.join(), revocations.join(), diary::joined),
        made,
        spent.join(),
        new Accounts(),
        opened(opening),
        new Seal(home.remembered("invitation-key", () -> Seal.freshKey(random)), random),
        Learned.read(store),
        new HardwareFacts(),
        diary);
  }

  private static Authority opened(CompletableFuture<Authority> opening) {
    try {
      return opening.join();
    } catch (CompletionException broken) {
      throw broken.getCause() instanceof RuntimeException known ? known : broken;
    }
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
