package dev.tutti.gateway;

import dev.tutti.dispatch.place.Plan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Plans of who should hold which model, as the mesh API shows them: JSON-ready, in snake case.
/// Amounts of memory are GiB with two decimals; what nobody knows is null.
public final class PlacementDocuments {
  private PlacementDocuments() {}

  /// A plan: an estimate.
  public static Map<String, Object> of(Plan plan) {
    var map = new LinkedHashMap<String, Object>();
    map.put("estimate", true);
    map.put("done", plan.isDone());
    map.put("nodes", plan.sites().stream().map(PlacementDocuments::site).toList());
    map.put("expected", effect(plan.effect()));
    map.put("remarks", plan.remarks());
    return map;
  }

  /// What will be done now, in that order.
  public static Map<String, Object> begun(List<Plan.Entry> steps) {
    return Map.of("begun", steps.stream().map(PlacementDocuments::entry).toList());
  }

  private static Map<String, Object> site(Plan.Site site) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("node_id", site.node().value());
    map.put("room_gb", FleetDocuments.gib(site.room()));
    map.put("used_gb", FleetDocuments.gib(site.before()));
    map.put("planned_gb", FleetDocuments.gib(site.after()));
    map.put("models", site.entries().stream().map(PlacementDocuments::entry).toList());
    return FleetDocuments.ready(map);
  }

  private static Map<String, Object> entry(Plan.Entry entry) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("backend_id", entry.backend().value());
    map.put("model", entry.model().value());
    map.put("action", entry.action().wireName());
    map.put("memory_gb", FleetDocuments.gib(entry.bytes()));
    map.put("pinned", entry.pinned());
    map.put("simulated", entry.simulated());
    map.put("why", entry.why());
    return FleetDocuments.ready(map);
  }

  private static Map<String, Object> effect(Plan.Effect effect) {
    var map = new LinkedHashMap<String, Object>();
    map.put("saved_s_per_hour", Math.round(effect.saved().toMillis() / 1e3));
    map.put("busy_s_per_hour_now", Math.round(effect.secondsBefore()));
    map.put("busy_s_per_hour_then", Math.round(effect.secondsAfter()));
    map.put("loads_per_hour_now", Math.round(effect.loadsBefore() * 10) / 10.0);
    map.put("loads_per_hour_then", Math.round(effect.loadsAfter() * 10) / 10.0);
    return map;
  }
}
