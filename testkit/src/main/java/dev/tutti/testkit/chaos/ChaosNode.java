package dev.tutti.testkit.chaos;

import dev.tutti.testkit.FaultProxy;
import dev.tutti.testkit.PacedProcess;
import dev.tutti.testkit.TuttiProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A machine of a mesh with one engine, and an agent or none. One thread at a time may strike and
/// heal it.
public final class ChaosNode implements AutoCloseable {
  /// What of it is hurt.
  public enum Part {
    /// Its engine alone.
    ENGINE,
    /// Its agent alone.
    AGENT,
    /// All of it.
    MACHINE
  }

  private final String name;
  private final ChaosMesh.Plan plan;
  private final Lan.@Nullable Machine machine;
  private final Path log;
  private final @Nullable FaultProxy proxy;
  private TuttiProcess.@Nullable Place home;
  private PacedProcess engine;
  private Instant engineSince = Instant.MIN;
  private @Nullable TuttiProcess agent;
  private Runnable healing = () -> {};

  ChaosNode(String name, ChaosMesh.Plan plan, Lan.@Nullable Machine machine, Path log) {
    this.name = name;
    this.plan = plan;
    this.machine = machine;
    this.log = log;
    this.engine = startEngine(0);
    this.proxy =
        plan.proxied() ? FaultProxy.to("127.0.0.1", URI.create(engine.url()).getPort()) : null;
  }

  /// Its name in the mesh.
  public String name() {
    return name;
  }

  /// Whether an agent stands between the hub and its engine.
  public boolean hasAgent() {
    return home != null;
  }

  /// What can be hurt of it alone.
  public List<Part> parts() {
    return hasAgent() ? List.of(Part.ENGINE, Part.AGENT, Part.MACHINE) : List.of(Part.ENGINE);
  }

  /// Where those who use its engine connect.
  String url() {
    return proxy == null ? engine.url() : proxy.url();
  }

  /// What breaks what passes between its engine and those who use it, if there is such a thing.
  public Optional<FaultProxy> proxy() {
    return Optional.ofNullable(proxy);
  }

  /// What its engine wrote down.
  public List<WorkEntry> work() {
    return WorkEntry.read(log);
  }

  /// Whether its engine is a process that runs.
  public boolean isEngineAlive() {
    return engine.isAlive();
  }

  /// Whether its engine has ended all the work that it was given and did not die at.
  public boolean isIdle() {
    Instant since = engineSince;
    int open = 0;
    for (WorkEntry entry : work()) {
      if (entry.at().isAfter(since)) {
        open += entry.isBegin() ? 1 : -1;
      }
    }
    return open <= 0;
  }

  private PacedProcess startEngine(int port) {
    var words =
        new ArrayList<>(
            List.of("--port", Integer.toString(port), "--kind", "llama-server", "--name", "chaos"));
    words.addAll(List.of("--models", ChaosMesh.MODEL, "--load", "0", "--answer", "endless"));
    words.addAll(List.of("--slots", Integer.toString(plan.slots())));
    words.addAll(List.of("--prefill", Integer.toString(plan.prefill())));
    words.addAll(List.of("--decode", Integer.toString(plan.decode())));
    words.addAll(List.of("--log", log.toString()));
    words.addAll(List.of("--dies-from", Long.toString(plan.diesFrom())));
    Lan.Machine at = machine;
    if (at == null) {
      return PacedProcess.start(List.of(), words.toArray(String[]::new));
    }
    words.addAll(List.of("--host", at.address()));
    return PacedProcess.start(at.before(), words.toArray(String[]::new));
  }

  /// Orders a fault of the simulated engine for all work until the next order, such as `500` or
  /// `none`; the engine is not behind a cable.
  public void order(String fault) {
    var request =
        HttpRequest.newBuilder(URI.create(engine.url() + "/_paced/fault"))
            .POST(HttpRequest.BodyPublishers.ofString("{\"fault\":\"" + fault + "\",\"times\":-1}"))
            .build();
    try (var http = HttpClient.newHttpClient()) {
      http.send(request, HttpResponse.BodyHandlers.discarding());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  // ---- its agent

  /// Joins the mesh with the words of an invitation, and waits until it is let in.
  void join(List<String> invitation) {
    TuttiProcess.Place place = place();
    home = place;
    var words = new ArrayList<>(invitation);
    words.addAll(List.of("--no-discover", "--backend", url()));
    agent = TuttiProcess.start(place, words.toArray(String[]::new));
    agent.waitFor("ready");
  }

  private TuttiProcess.Place place() {
    var place = TuttiProcess.Place.fresh();
    Lan.Machine at = machine;
    return at == null ? place : place.behind(at.before().toArray(String[]::new));
  }

  private void startAgent() {
    TuttiProcess.Place place = home;
    if (place != null) {
      agent = TuttiProcess.start(place, "agent", "run", "--no-discover", "--backend", url());
    }
  }

  // ---- what is done to it

  /// Hurts it, at the latest when this returns.
  public void strike(Harm harm, Part part, ChaosMesh mesh) {
    boolean atEngine = part != Part.AGENT;
    boolean atAgent = part != Part.ENGINE && hasAgent();
    switch (harm) {
      case KILL -> kill(atEngine, atAgent);
      case STOP -> stop(atEngine, atAgent);
      case UNPLUG -> {
        cabled().unplug();
        healing = () -> cabled().plug();
      }
      case MUTE -> {
        cabled().loseTo(mesh.hubMachine());
        healing = () -> cabled().loseNothingTo(mesh.hubMachine());
      }
      case DEAF -> {
        mesh.hubMachine().loseTo(cabled());
        healing = () -> mesh.hubMachine().loseNothingTo(cabled());
      }
    }
  }

  private Lan.Machine cabled() {
    Lan.Machine at = machine;
    if (at == null) {
      throw new IllegalStateException(name + ": without a cable (expected: a machine on a LAN)");
    }
    return at;
  }

  private void kill(boolean atEngine, boolean atAgent) {
    TuttiProcess running = agent;
    if (atAgent && running != null) {
      running.kill9();
    }
    if (atEngine) {
      engine.close();
    }
    healing =
        () -> {
          if (atEngine) {
            reviveEngine();
          }
          if (atAgent) {
            startAgent();
          }
        };
  }

  /// Starts its engine again at the same address, whatever it died of.
  public void reviveEngine() {
    engineSince = Instant.now();
    int port = URI.create(engine.url()).getPort();
    engine = startEngine(port);
  }

  private void stop(boolean atEngine, boolean atAgent) {
    TuttiProcess running = agent;
    var pids = new ArrayList<Long>();
    if (atAgent && running != null) {
      pids.add(running.pid());
    }
    if (atEngine) {
      pids.add(engine.pid());
    }
    pids.forEach(pid -> Command.run("kill", "-STOP", Long.toString(pid)));
    healing = () -> pids.forEach(pid -> Command.run("kill", "-CONT", Long.toString(pid)));
  }

  /// Undoes what was done to it last.
  public void heal() {
    Runnable undo = healing;
    healing = () -> {};
    undo.run();
  }

  /// What its agent said, for a failure.
  public String story() {
    TuttiProcess running = agent;
    return running == null ? "" : name + ":\n" + running.log();
  }

  @Override
  public void close() {
    TuttiProcess running = agent;
    if (running != null) {
      running.kill9();
      running.forget();
    }
    engine.close();
    if (proxy != null) {
      proxy.close();
    }
  }
}
