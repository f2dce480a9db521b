package dev.tutti.simulate;

import dev.tutti.core.Failure;
import dev.tutti.core.Time;
import dev.tutti.dispatch.AnswerUsage;
import dev.tutti.dispatch.Assignment;
import dev.tutti.dispatch.TaskListener;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Notes what the client of each request sees, and sums it up. Owner loop only.
final class Tally {
  private final Time time;
  private final FleetSpec fleet;
  private final List<Request> requests;
  private final long startNanos;
  private final double[] ttftMillis;
  private final double[] completionMillis;
  private final double[] waitMillis;
  private long promptTokens;
  private long cachedTokens;
  private long outputTokens;
  private long lastEndNanos;
  private int ended;
  private int failed;

  Tally(Time time, FleetSpec fleet, List<Request> requests) {
    this.time = time;
    this.fleet = fleet;
    this.requests = requests;
    this.startNanos = time.nanos();
    this.lastEndNanos = startNanos;
    this.ttftMillis = never(requests.size());
    this.completionMillis = never(requests.size());
    this.waitMillis = never(requests.size());
  }

  private static double[] never(int length) {
    var values = new double[length];
    Arrays.fill(values, Double.POSITIVE_INFINITY);
    return values;
  }

  /// Whether every request has had its end.
  boolean isComplete() {
    return ended == requests.size();
  }

  /// The ears of the client of one request.
  TaskListener<Piece> client(Request request) {
    return new Client(request);
  }

  Result result(String strategy, List<ModelledEngine> engines) {
    double seconds = (lastEndNanos - startNanos - requests.getFirst().arrivalNanos()) / 1e9;
    return new Result(
        strategy,
        requests.size(),
        failed,
        Figures.of(ttftMillis),
        Figures.of(completionMillis),
        Figures.of(waitMillis),
        seconds,
        seconds > 0 ? outputTokens / seconds : 0,
        promptTokens > 0 ? (double) cachedTokens / promptTokens : 0,
        engines.stream().mapToInt(ModelledEngine::loads).sum(),
        fairness(),
        watts(engines, (lastEndNanos - startNanos) / 1e9));
  }

  private double watts(List<ModelledEngine> engines, double seconds) {
    double watts = fleet.nodes().stream().mapToDouble(node -> node.power().idle()).sum();
    for (ModelledEngine engine : engines) {
      NodeSpec.Power power = engine.node().power();
      double busy = seconds > 0 ? engine.busyNanos() / 1e9 / seconds : 0;
      watts += busy * (power.busy() - power.idle());
    }
    return watts;
  }

  /// Jain's index over the clients: how many times longer than on the fastest idle machine their
  /// requests took, on the average.
  private double fairness() {
    Map<String, double[]> byClient = new TreeMap<>();
    for (Request request : requests) {
      double slowdown = completionMillis[request.index()] / 1e3 / soonest(request);
      double[] sums = byClient.computeIfAbsent(request.client(), _ -> new double[2]);
      sums[0] += slowdown;
      sums[1]++;
    }
    double sum = 0;
    double squares = 0;
    for (double[] sums : byClient.values()) {
      double mean = sums[0] / sums[1];
      sum += mean;
      squares += mean * mean;
    }
    if (byClient.size() < 2) {
      return 1;
    }
    return Double.isFinite(squares) ? sum * sum / (byClient.size() * squares) : 0;
  }

  private double soonest(Request request) {
    double least = Double.POSITIVE_INFINITY;
    for (NodeSpec node : fleet.nodes()) {
      Rates rates = node.rates().get(request.model());
      if (rates != null) {
        least =
            Math.min(
                least,
                request.prompt().tokens() / rates.prefill()
                    + request.outputTokens() / rates.decode());
      }
    }
    return least;
  }

  /// What one client sees.
  private final class Client implements TaskListener<Piece> {
    private final Request request;

    Client(Request request) {
      this.request = request;
    }

    private long age() {
      return time.nanos() - startNanos - request.arrivalNanos();
    }

    @Override
    public void queued(int position) {}

    @Override
    public void assigned(Assignment assignment) {}

    @Override
    public boolean event(Piece event) {
      if (ttftMillis[request.index()] == Double.POSITIVE_INFINITY) {
        ttftMillis[request.index()] = age() / 1e6;
      }
      return true;
    }

    @Override
    public void done(AnswerUsage usage) {
      end();
      long worked = usage.loadNanos() + usage.promptNanos() + usage.outputNanos();
      completionMillis[request.index()] = age() / 1e6;
      waitMillis[request.index()] = (age() - worked) / 1e6;
      promptTokens += usage.promptTokens();
      cachedTokens += usage.cachedTokens();
      outputTokens += usage.outputTokens();
    }

    @Override
    public void failed(Failure failure) {
      end();
      failed++;
      ttftMillis[request.index()] = Double.POSITIVE_INFINITY;
    }

    private void end() {
      ended++;
      lastEndNanos = time.nanos();
    }
  }
}
