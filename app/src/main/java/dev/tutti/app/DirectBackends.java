package dev.tutti.app;

import dev.tutti.backends.AddressKeys;
import dev.tutti.backends.CountedSlots;
import dev.tutti.backends.Credits;
import dev.tutti.backends.DirectHttp;
import dev.tutti.backends.EngineAddress;
import dev.tutti.backends.Finding;
import dev.tutti.backends.HttpEngine;
import dev.tutti.backends.Prober;
import dev.tutti.backends.Watcher;
import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.fleet.BackendFacts;
import dev.tutti.fleet.BackendKind;
import dev.tutti.fleet.Fleet;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The engines that the hub reaches by itself: each with its transport, its watcher, its slots, and
/// its place in fleet and dispatch. Owner loop only.
final class DirectBackends {
  private static final Logger LOG = LoggerFactory.getLogger(DirectBackends.class);

  private final Vertx vertx;
  private final Time time;
  private final Fleet fleet;
  private final Dispatcher<Work, Delta> dispatcher;
  private final Prober prober;
  private final AddressKeys addressKeys;
  private final NodeId self;
  private final String hubId;
  private final Memories memories;
  private final Accounts accounts;
  private final Map<BackendId, Entry> entries = new LinkedHashMap<>();
  private int unanswered;

  DirectBackends(
      Vertx vertx,
      Time time,
      Fleet fleet,
      Dispatcher<Work, Delta> dispatcher,
      AddressKeys addressKeys,
      NodeId self,
      String hubId,
      Memories memories,
      Accounts accounts) {
    this.vertx = vertx;
    this.time = time;
    this.fleet = fleet;
    this.dispatcher = dispatcher;
    this.prober = new Prober(vertx, time, hubId);
    this.addressKeys = addressKeys;
    this.self = self;
    this.hubId = hubId;
    this.memories = memories;
    this.accounts = accounts;
  }

  /// Whether every engine that was added has been asked once what it is.
  boolean allAsked() {
    return unanswered == 0;
  }

  /// The engine at that address, if it is among these.
  Optional<BackendId> at(EngineAddress address) {
    return entries.entrySet().stream()
        .filter(entry -> entry.getValue().address.authority().equals(address.authority()))
        .filter(entry -> entry.getValue().address.basePath().equals(address.basePath()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /// The addresses in use, by name.
  Map<BackendId, EngineAddress> addresses() {
    var all = new LinkedHashMap<BackendId, EngineAddress>();
    entries.forEach((id, entry) -> all.put(id, entry.address));
    return all;
  }

  /// The machine on which an engine at that address runs, as far as the address tells.
  NodeId nodeOf(EngineAddress address) {
    return isThisMachine(address.host()) ? self : fleet.nodeAt(address.host());
  }

  /// Finds out what is at an address, without keeping it.
  Future<Finding> look(EngineAddress address) {
    var transport = new DirectHttp(vertx, address, hubId, () -> accounts.key(address));
    return prober.probe(transport, address).onComplete(_ -> transport.close());
  }

  /// Takes an engine in and begins to watch it, or changes the address of a known one.
  void add(BackendId id, NodeId node, EngineAddress address) {
    remove(id, false);
    fleet.addDirect(id, node, address.host(), address.url(), address.slots());
    var entry = new Entry(id, address);
    entries.put(id, entry);
    unanswered++;
    entry.askForKeys();
    entry.watcher.start();
  }

  /// Forgets an engine; its attempts go elsewhere.
  ///
  /// @return whether it was known
  boolean remove(BackendId id) {
    return remove(id, true);
  }

  private boolean remove(BackendId id, boolean fromFleet) {
    Entry entry = entries.remove(id);
    if (entry == null) {
      return false;
    }
    entry.close();
    dispatcher.detach(id);
    if (fromFleet) {
      fleet.remove(id);
    }
    return true;
  }

  /// Asks a known engine now.
  Optional<Future<Finding>> probe(BackendId id) {
    Entry entry = entries.get(id);
    if (entry == null) {
      return Optional.empty();
    }
    return Optional.of(prober.probe(entry.transport, entry.address).onSuccess(entry::found));
  }

  /// A known engine is suspect: it is asked now, and a few times in a row.
  void hurry(BackendId id) {
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.watcher.hurry();
    }
  }

  /// The way to a known engine.
  Optional<DirectHttp> transport(BackendId id) {
    return Optional.ofNullable(entries.get(id)).map(entry -> entry.transport);
  }

  /// Stops watching and closes every connection.
  void close() {
    entries.values().forEach(Entry::close);
    entries.clear();
  }

  /// Only names that need no name service are looked at: this runs on the loop.
  private static boolean isThisMachine(String host) {
    if (host.equals("localhost")) {
      return true;
    }
    boolean literal = host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    if (!literal) {
      return false;
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException _) {
      return false;
    }
  }

  private final class Entry implements Watcher.Listener {
    final BackendId id;
    final EngineAddress address;
    final DirectHttp transport;
    final Watcher watcher;
    private final CountedSlots slots;
    private @Nullable BackendKind attachedAs;
    private @Nullable BackendFacts well;
    private boolean answered;
    private boolean keysKnown;

    Entry(BackendId id, EngineAddress address) {
      this.id = id;
      this.address = address;
      this.transport = new DirectHttp(vertx, address, hubId, () -> accounts.key(address));
      this.watcher = new Watcher(time, prober, transport, address, this);
      this.slots = new CountedSlots(dispatcher.slots(id));
    }

    void askForKeys() {
      addressKeys
          .of(address)
          .onSuccess(keys -> {
            keysKnown = true;
            fleet.addressed(id, keys);
          });
    }

    @Override
    public void facts(BackendFacts facts) {
      answered();
      well = facts;
      attach(facts.kind());
      fleet.probed(id, facts);
      slots.resize(slotsOf(address.slots(), facts));
      if (!keysKnown) {
        askForKeys();
      }
    }

    @Override
    public void alive() {
      answered();
      if (well != null) {
        // A failed attempt may have spoken against it meanwhile: one good answer outweighs that.
        fleet.probed(id, well);
      }
    }

    @Override
    public void failed(Failure failure) {
      answered();
      fleet.probeFailed(id, failure);
    }

    @Override
    public void quiet() {
      fleet.quiet(id);
    }

    void found(Finding finding) {
      switch (finding) {
        case Finding.Found(BackendFacts facts) -> facts(facts);
        case Finding.Unavailable(Failure failure) -> failed(failure);
        case Finding.NoEngine(String why) ->
            failed(
                Failure.of(
                    dev.tutti.core.FailureCode.ENGINE_ERROR, dev.tutti.core.Retry.POINTLESS, why));
        case Finding.ThisHub() ->
            failed(
                Failure.of(
                    dev.tutti.core.FailureCode.LOOP,
                    dev.tutti.core.Retry.POINTLESS,
                    "the address leads back to this hub (expected: an engine)"));
      }
    }

    private void attach(BackendKind kind) {
      if (attachedAs == kind) {
        return;
      }
      if (attachedAs != null) {
        // Another engine listens there now: what runs on the old one is lost with it.
        LOG.info("A backend is another engine now. backend={} was={} is={}", id, attachedAs, kind);
        EngineAddress same = address;
        NodeId node = nodeOf(same);
        add(id, node, same);
        return;
      }
      attachedAs = kind;
      dispatcher.attach(
          id,
          new HttpEngine(
              transport,
              EngineDialects.of(kind),
              new Credits.Counted(slots),
              time,
              memories.of(id, kind)));
    }

    private void answered() {
      if (!answered) {
        answered = true;
        unanswered--;
      }
    }

    void close() {
      answered();
      watcher.stop();
      transport.close();
    }
  }

  /// Attempts at a time: the owner's word, else the engine's, else what its kind is known to take.
  static int slotsOf(OptionalInt owner, BackendFacts facts) {
    int told = facts.slots() > 0 ? facts.slots() : facts.kind().defaultSlots();
    return Math.min(owner.orElse(told), EngineAddress.MAX_SLOTS);
  }
}
