package dev.tutti.app;

import dev.tutti.access.audit.RefusalTally;
import dev.tutti.app.cli.Version;
import dev.tutti.backends.AddressKeys;
import dev.tutti.backends.EngineAddress;
import dev.tutti.backends.Finding;
import dev.tutti.backends.MachineKey;
import dev.tutti.core.BackendId;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.core.Time;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Likeness;
import dev.tutti.dialects.Work;
import dev.tutti.discovery.HubNotice;
import dev.tutti.discovery.MdnsAdvert;
import dev.tutti.dispatch.DispatchEvents;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.dispatch.QueueView;
import dev.tutti.dispatch.place.Demand;
import dev.tutti.dispatch.predict.Experience;
import dev.tutti.fleet.BackendView;
import dev.tutti.fleet.Fleet;
import dev.tutti.fleet.FleetEvent;
import dev.tutti.fleet.Hardware;
import dev.tutti.fleet.NodeView;
import dev.tutti.gateway.Admission;
import dev.tutti.gateway.Gateway;
import dev.tutti.gateway.GatewayLimits;
import dev.tutti.gateway.GatewayOptions;
import dev.tutti.gateway.GatewayParts;
import dev.tutti.gateway.HubFacts;
import dev.tutti.gateway.WorkItems;
import dev.tutti.link.hub.Enrolment;
import dev.tutti.link.hub.HubLink;
import dev.tutti.link.hub.HubLinkOptions;
import dev.tutti.store.SavedBackend;
import dev.tutti.store.SavedNode;
import dev.tutti.telemetry.EventFeed;
import dev.tutti.telemetry.Metrics;
import dev.tutti.worklist.WorkLimits;
import dev.tutti.worklist.WorkList;
import dev.tutti.worklist.WorkStore;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds and owns the parts of one hub: read it to see who talks to whom.
///
/// All parts live on one event loop, the owner's; {@link #start} brings them up there and the rest
/// of the process only waits.
final class Hub {
  /// Between two looks at this machine's free memory.
  private static final Duration HARDWARE_EVERY = Duration.ofSeconds(10);

  /// How long a start waits for engines to say what they are.
  private static final Duration FIRST_ANSWERS = Duration.ofMillis(500);

  /// The same for the demo's own engines, which are certainly there.
  private static final Duration DEMO_ANSWERS = Duration.ofSeconds(5);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

  private static final Logger LOG = LoggerFactory.getLogger(Hub.class);

  private final Vertx vertx;
  private final Context loop;
  private final Settings settings;
  private final Saved saved;
  private final List<InetAddress> lanAddresses;
  private final SecureRandom random = new SecureRandom();
  private final Time time;
  private final String hubId;
  private final NodeId self;
  private final Keys keys;
  private final Admission admission;
  private final EventFeed feed;
  private final Metrics metrics;
  private final Fleet fleet;
  private final Bookkeeping books;
  private final Chronicle chronicle;
  private final Dispatcher<Work, Delta> dispatcher;
  private final Learned learned;
  private final Placements placements;
  private final Memories memories;
  private final DirectBackends backends;
  private final RefusalTally refusals;
  private final Enrolment enrolment;
  private final AuthorityCare authorityCare;
  private final AgentNodes agents;
  private final Commands commands;
  private final Executor offLoop;
  private final WorkList worklist;
  private final Demo demo = new Demo();
  private Optional<ModelName> router = Optional.empty();

  /// The engines that the settings name, as they were read last.
  private List<String> named;

  private @Nullable Gateway gateway;
  private @Nullable HubLink link;
  private @Nullable LocalSearch search;
  private @Nullable MdnsAdvert advert;
  private boolean firstLookDone;
  private boolean closed;
  private int asking;

  private Hub(
      Vertx vertx, Context loop, Settings settings, Saved saved, List<InetAddress> lanAddresses) {
    this.vertx = vertx;
    this.loop = loop;
    this.settings = settings;
    this.named = settings.backends();
    this.saved = saved;
    this.lanAddresses = List.copyOf(lanAddresses);
    this.time = new EventLoopTime(vertx, loop, saved.time());
    this.hubId = saved.hubId();
    this.self = Saved.self(settings);
    this.keys = saved.keys();
    keys.doorkeeper().guard(settings.door());
    this.feed = new EventFeed(time);
    this.metrics = new Metrics();
    this.fleet = new Fleet(time, self, "127.0.0.1", this::onFleet);
    this.admission =
        new Admission(keys.doorkeeper(), fleet::view, saved.accounts()::isPriced, time);
    var demand = new Demand();
    this.offLoop = offLoop();
    this.books = Bookkeeping.of(admission, saved, fleet::view, time, offLoop);
    this.chronicle =
        new Chronicle(
            feed,
            metrics,
            saved.store(),
            time,
            fleet,
            demand,
            node -> active(node.id()),
            backend -> activeAt(backend.id()),
            this::queue,
            books);
    var experience = new Experience<Work>();
    this.dispatcher = dispatcher(settings, time, fleet, chronicle, experience);
    this.learned = new Learned(saved.store(), time, experience, demand, saved.learned());
    this.refusals = new RefusalTally(saved.diary().log(), time);
    var addressKeys = new AddressKeys(vertx, MachineKey.read());
    this.memories = new Memories(fleet, time, settings.loadRules());
    this.backends =
        new DirectBackends(
            vertx, time, fleet, dispatcher, addressKeys, self, hubId, memories, saved.accounts());
    this.enrolment =
        new Enrolment(saved.nodes(), time, random, saved.seal(), () -> saved.authority().pin());
    this.authorityCare = new AuthorityCare(vertx, saved.authority(), enrolment, time);
    this.agents =
        new AgentNodes(
            fleet, dispatcher, enrolment, time, hubId, memories, authorityCare::isBehind, refusals);
    Executor onLoop = action -> loop.runOnContext(_ -> action.run());
    this.placements =
        new Placements(
            fleet, dispatcher, experience, demand, memories, time, random, offLoop, onLoop);
    this.commands =
        new Commands(
            vertx, fleet, backends, agents, enrolment, saved, placements, this::joinCommand);
    this.worklist = worklist(saved, dispatcher, admission, time, onLoop, offLoop, random);
  }

  private static Dispatcher<Work, Delta> dispatcher(
      Settings settings, Time time, Fleet fleet, DispatchEvents told, Experience<Work> experience) {
    return new Dispatcher<>(
        time,
        settings.dispatchLimits(),
        fleet::view,
        settings.strategy().strategy(),
        told,
        experience,
        Likeness::of);
  }

  private static Executor offLoop() {
    return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("off-loop-", 0).factory());
  }

  private static WorkList worklist(
      Saved saved,
      Dispatcher<Work, Delta> dispatcher,
      Admission admission,
      Time time,
      Executor onLoop,
      Executor offLoop,
      SecureRandom random) {
    return new WorkList(
        saved.store().work(),
        saved.files(),
        new WorkItems(dispatcher, admission, time, onLoop, offLoop),
        time,
        onLoop,
        offLoop,
        random,
        WorkLimits.DEFAULT);
  }

  /// Starts a hub on a loop of its own.
  ///
  /// @return completes when it serves; fails, with everything closed, when a port cannot be had
  /// @param lanAddresses this machine's addresses in the LAN, empty when it is not open to it
  static Future<Hub> start(
      Vertx vertx, Settings settings, Saved saved, List<InetAddress> lanAddresses) {
    Context loop = vertx.getOrCreateContext();
    var started = Promise.<Hub>promise();
    loop.runOnContext(_ -> {
      var hub = new Hub(vertx, loop, settings, saved, lanAddresses);
      hub.bringUp()
          .onComplete(up -> {
            if (up.succeeded()) {
              started.complete(hub);
            } else {
              hub.close().onComplete(_ -> started.fail(up.cause()));
            }
          });
    });
    return started.future();
  }

  private void onFleet(FleetEvent event) {
    chronicle.fleetChanged(event);
    if (event instanceof FleetEvent.BackendChanged(BackendView backend, String _)) {
      switch (backend.health()) {
        case SUSPECT -> backends.hurry(backend.id());
        case DOWN -> dispatcher.lost(backend.id());
        case UNKNOWN, UP, BUSY, GRAY, OFFLINE -> {
          // nothing to hurry for
        }
      }
    }
    dispatcher.fleetChanged();
  }

  private int active(NodeId node) {
    return dispatcher.active(node);
  }

  private int activeAt(BackendId backend) {
    return dispatcher.active(backend);
  }

  private QueueView queue() {
    return dispatcher.queueView();
  }

  private Future<Hub> bringUp() {
    books.govern(settings.access());
    admission.restore(saved.spent());
    prefer(settings.auto());
    dispatcher.setPolicy(settings.policy());
    dispatcher.setHedging(settings.hedge());
    placements.rules(settings.loadRules());
    saved.diary().begin(feed, action -> loop.runOnContext(_ -> action.run()));
    fleet.watchOwnLoop();
    restore();
    return Future.fromCompletionStage(worklist.recover()).compose(this::bringUp);
  }

  private Future<Hub> bringUp(WorkStore.Recovered left) {
    return HubLink.start(
            vertx,
            new HubLinkOptions(settings.host(), settings.nodePort(), hubId),
            saved.authority(),
            agents,
            agents,
            task -> loop.runOnContext(_ -> task.run()),
            context -> new EventLoopTime(vertx, context, saved.time()))
        .compose(up -> {
          link = up;
          agents.linked(up);
          authorityCare.begin();
          return Gateway.start(vertx, loop, gatewayOptions(), parts());
        })
        .compose(up -> {
          gateway = up;
          return settings.demo() ? demo.start(vertx, fleet, backends) : Future.succeededFuture();
        })
        .compose(_ -> {
          lookAround();
          learned.begin();
          keys.noteUse(time, () -> closed);
          placements.begin();
          return firstAnswers();
        })
        .onSuccess(_ -> worklist.begin(left))
        .map(this);
  }

  /// Engines are asked what they are before the hub says that it is ready, so that the first
  /// request finds them; but a dead one holds up nothing for longer than {@link #FIRST_ANSWERS},
  /// and the demo's own for as long as they need to come up.
  private Future<Void> firstAnswers() {
    Promise<Void> asked = Promise.promise();
    long patience = (settings.demo() ? DEMO_ANSWERS : FIRST_ANSWERS).toNanos();
    awaitAnswers(asked, time.nanos() + patience);
    return asked.future();
  }

  private void awaitAnswers(Promise<Void> asked, long deadline) {
    if (allAsked() || time.nanos() - deadline >= 0) {
      asked.complete();
    } else {
      time.after(LOOK_AGAIN, () -> awaitAnswers(asked, deadline));
    }
  }

  private boolean allAsked() {
    return firstLookDone && asking == 0 && backends.allAsked();
  }

  private GatewayOptions gatewayOptions() {
    return new GatewayOptions(
        settings.host(),
        settings.port(),
        settings.grpcPort(),
        settings.web().tls(),
        settings.web().hosts(),
        settings.web().allowed(),
        GatewayLimits.DEFAULT);
  }

  private GatewayParts parts() {
    var facts =
        new HubFacts(
            hubId,
            self.value(),
            Version.NUMBER,
            settings.queueTtl(),
            settings.demo(),
            time.now(),
            this::allAsked,
            link == null ? settings.nodePort() : link.port());
    return new GatewayParts(
        facts,
        dispatcher,
        fleet::view,
        feed,
        metrics,
        time,
        random,
        keys.doorkeeper(),
        commands,
        admission,
        new KeyDesk(keys, loop),
        new SingleCalls(backends, agents, time),
        worklist,
        () -> router,
        offLoop,
        saved.diary().log(),
        refusals);
  }

  // ---- engines that are known

  /// Takes in what was added before, what the settings name and what flags name, in that order.
  private void restore() {
    for (SavedNode node : saved.nodes().present()) {
      fleet.restore(
          new NodeView(
              node.id(),
              node.host(),
              node.role(),
              true,
              false,
              node.drained(),
              false,
              Hardware.UNKNOWN,
              List.of(),
              node.approvedAt().orElse(Instant.EPOCH),
              node.label(),
              Optional.empty()));
    }
    for (SavedBackend backend : saved.backends()) {
      var spec = backend.url() + slotsSpec(backend);
      try {
        backends.add(backend.id(), backend.node(), EngineAddress.parse(spec));
      } catch (RuntimeException e) {
        LOG.warn("A saved backend is left out. backend={} cause={}", backend.id(), e.getMessage());
      }
    }
    for (String spec : settings.backends()) {
      addByFlag(spec);
    }
  }

  private static String slotsSpec(SavedBackend backend) {
    return backend.slots().isPresent() ? ",slots=" + backend.slots().getAsInt() : "";
  }

  /// An engine that was named by a flag or the file. It is asked first, so that it gets a name that
  /// says what it is; one that is down is kept all the same.
  private void addByFlag(String spec) {
    EngineAddress address = EngineAddress.parse(spec);
    Optional<BackendId> known = backends.at(address);
    if (known.isPresent() || address.name().isPresent()) {
      BackendId id = known.orElseGet(() -> new BackendId(address.name().orElseThrow()));
      backends.add(id, backends.nodeOf(address), address);
      return;
    }
    asking++;
    backends
        .look(address)
        .onSuccess(finding -> {
          asking--;
          if (closed) {
            return;
          }
          Commands.warnAbout(address, finding);
          if (!(finding instanceof Finding.ThisHub)) {
            commands.take(address, finding, SavedBackend.AddedBy.FLAG);
          }
        });
  }

  // ---- looking around

  private void lookAround() {
    readHardware();
    if (!settings.discover()) {
      firstLookDone = true;
      return;
    }
    var found =
        new LocalSearch(
            time,
            backends::look,
            address -> backends.at(address).isPresent() || agentHas(address),
            ownPorts(),
            engine ->
                commands.take(
                    engine.address(),
                    new Finding.Found(engine.facts()),
                    SavedBackend.AddedBy.DISCOVERY));
    search = found;
    commands.searching(found);
    found.start().onComplete(_ -> firstLookDone = true);
    if (settings.lan() && link != null && gateway != null) {
      var notice = new HubNotice(hubId, Version.NUMBER, link.port(), "/mesh/v1");
      advert = MdnsAdvert.start(notice, lanAddresses);
    }
  }

  /// An agent on this machine offers that engine already: no second way is needed.
  private boolean agentHas(EngineAddress address) {
    return fleet.view().backends().values().stream()
        .anyMatch(backend ->
            backend.node().equals(self)
                && backend.way() == dev.tutti.fleet.Way.AGENT
                && backend.url().endsWith(":" + address.port()));
  }

  private Set<Integer> ownPorts() {
    var ports = new HashSet<Integer>();
    if (gateway != null) {
      ports.add(gateway.port());
      gateway.grpcPort().ifPresent(ports::add);
    }
    if (link != null) {
      ports.add(link.port());
    }
    return ports;
  }

  private void readHardware() {
    if (closed) {
      return;
    }
    vertx
        .executeBlocking(saved.hardware()::read, false)
        .onSuccess(hardware -> fleet.hardware(self, hardware))
        .onComplete(_ -> time.after(HARDWARE_EVERY, this::readHardware));
  }

  private String joinCommand(Enrolment.Invitation invitation) {
    String host = reachableHost();
    int port = link == null ? settings.nodePort() : link.port();
    return "tutti agent join https://" + host + ":" + port + " --token " + invitation.token();
  }

  // ---- what others ask

  /// Where people and clients connect.
  String url() {
    int port = gateway == null ? settings.port() : gateway.port();
    String scheme = settings.web().tls().isPresent() ? "https" : "http";
    return scheme + "://" + reachableHost() + ":" + port;
  }

  /// This machine as others should name it: its address in the LAN when the hub is open to it.
  private String reachableHost() {
    if (!settings.host().equals("0.0.0.0")) {
      return settings.host();
    }
    return lanAddresses.stream()
        .filter(Inet4Address.class::isInstance)
        .map(InetAddress::getHostAddress)
        .findFirst()
        .orElse("127.0.0.1");
  }

  /// Where agents and gRPC clients connect.
  List<String> otherPorts() {
    var ports = new ArrayList<String>();
    if (link != null) {
      ports.add("nodes " + link.port());
    }
    if (gateway != null) {
      gateway.grpcPort().ifPresent(port -> ports.add("grpc " + port));
    }
    return ports;
  }

  /// Changes what can be changed while it runs: the strategy, rules about models, and engines that
  /// were added.
  void apply(Settings fresh) {
    loop.runOnContext(_ -> {
      dispatcher.setStrategy(fresh.strategy().strategy());
      memories.rules(fresh.loadRules());
      placements.rules(fresh.loadRules());
      dispatcher.setHedging(fresh.hedge());
      prefer(fresh.auto());
      dispatcher.setPolicy(fresh.policy());
      books.govern(fresh.access());
      for (String spec : fresh.backends()) {
        if (!named.contains(spec)) {
          addByFlag(spec);
        }
      }
      named = fresh.backends();
      fresh.web().showAt(gateway, settings.web());
      saved.diary().read(fresh);
      LOG.info("Settings were read again. strategy={}", fresh.strategy().wireName());
    });
  }

  private void prefer(AutoChoice auto) {
    dispatcher.setAutoRules(auto.rules());
    router = auto.router();
  }

  /// Ends everything: clients' connections first, the store last.
  Future<Void> close() {
    var ended = Promise.<Void>promise();
    loop.runOnContext(_ -> closeOnLoop().onComplete(ended));
    return ended.future();
  }

  private Future<Void> closeOnLoop() {
    closed = true;
    authorityCare.stop();
    refusals.close();
    saved.diary().end();
    learned.save();
    keys.saveUsed();
    if (search != null) {
      search.stop();
    }
    MdnsAdvert announced = advert;
    Future<Void> goodbye =
        announced == null
            ? Future.<Void>succeededFuture()
            : vertx
                .<Boolean>executeBlocking(() -> {
                  announced.close();
                  return true;
                })
                .mapEmpty();
    Future<Void> longer = Future.fromCompletionStage(worklist.stop());
    Future<Void> edge = gateway == null ? Future.<Void>succeededFuture() : gateway.close();
    Future<Void> nodes = link == null ? Future.<Void>succeededFuture() : link.close();
    return Future.join(List.of(longer, edge, nodes, demo.close(), goodbye))
        .transform(_ -> {
          backends.close();
          return Future.<Void>succeededFuture();
        });
  }
}
