package dev.tutti.app;

import dev.tutti.core.Time;
import dev.tutti.dispatch.place.Demand;
import dev.tutti.dispatch.predict.Experience;
import dev.tutti.store.SqliteStore;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Keeps what was learned of engines, answers and demand from one life of the hub to the next.
/// Owner loop only; the store writes elsewhere.
final class Learned {
  /// Between two savings: what a hub that is killed forgets at most.
  static final Duration SAVE_EVERY = Duration.ofSeconds(60);

  private static final String NAME = "learned";
  private static final Logger LOG = LoggerFactory.getLogger(Learned.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final SqliteStore store;
  private final Time time;
  private final Experience<?> experience;
  private final Demand demand;
  private String saved;

  /// @param known what {@link #read} found
  Learned(SqliteStore store, Time time, Experience<?> experience, Demand demand, String known) {
    this.store = store;
    this.time = time;
    this.experience = experience;
    this.demand = demand;
    this.saved = known;
    Map<String, double[]> rows = parse(known);
    experience.restore(rows);
    demand.restore(rows);
  }

  /// What an earlier life saved, empty when there was none. Blocks: before the loop runs.
  static String read(SqliteStore store) {
    return store.meta(NAME).join().orElse("");
  }

  /// Saves now and then from now on.
  void begin() {
    time.after(
        SAVE_EVERY,
        () -> {
          save();
          begin();
        });
  }

  /// Saves what is known, if it is something else than last time.
  void save() {
    var rows = new LinkedHashMap<>(experience.save());
    rows.putAll(demand.save());
    String now = write(rows);
    if (!now.equals(saved)) {
      saved = now;
      var _ = store.putMeta(NAME, now);
    }
  }

  private static String write(Map<String, double[]> rows) {
    ObjectNode root = JSON.createObjectNode();
    rows.forEach((name, values) -> {
      ArrayNode row = root.putArray(name);
      for (double value : values) {
        row.add(Math.round(value * 1e6) / 1e6);
      }
    });
    return root.toString();
  }

  private static Map<String, double[]> parse(String text) {
    var rows = new LinkedHashMap<String, double[]>();
    if (text.isEmpty()) {
      return rows;
    }
    try {
      for (Map.Entry<String, JsonNode> row : JSON.readTree(text).properties()) {
        double[] values = new double[row.getValue().size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = row.getValue().path(i).asDouble();
        }
        rows.put(row.getKey(), values);
      }
    } catch (JacksonException damaged) {
      LOG.warn(
          "What was learned cannot be read and is learned again. cause={}",
          damaged.getOriginalMessage());
      rows.clear();
    }
    return rows;
  }
}
