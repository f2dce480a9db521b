package dev.tutti.bench.fuzz;

import dev.tutti.link.trust.Encoded;
import dev.tutti.link.trust.Pin;
import java.util.List;

/// Valid files for fuzzing to begin with.
final class OwnersSeeds {
  private OwnersSeeds() {}

  static List<byte[]> settings() {
    return Seeds.texts(
        """
        # all of it
        port: 8765
        node-port: 8766
        grpc-port: 8767
        lan: true
        discover: no
        hedge: true
        strategy: echo
        node-name: bob
        queue: { ttl: 45s, limit: 100 }
        silence:
          first: 2m
          between: 500ms
        backends:
          - http://192.168.1.5:11434,slots=2,name=attic
          - url: https://api.example.com
            name: sky
            slots: 4
            key-env: SKY_KEY
            price-in: 2.50
            price-out: 10
        """,
        """
        models:
          "*": { context: 8192, keep-alive: 10m }
          llama3.1:8b:
            context: 16384
            keep-alive: forever
            pin: [ bob, eve ]
        auto:
          router: small:3b
          simple: [ small:3b ]
          hard: [ big:70b ]
          code: [ coder:7b, big:70b ]
        tls:
          certificate: hub.pem
          key: hub.key
        origins: [ "https://chat.example" ]
        hosts: [ ai.example.org ]
        """,
        """
        workers:
          attic: { enabled: true, priority: 80, max-concurrent: 2, batch-only: false }
          sky: { cloud: true, models: [ gpt-x ], types: [ write, qa ] }
        rules:
          - name: writing
            types: [ write ]
            preferred: [ attic ]
            fallback: [ sky ]
            model: big:8b
            substitute: allow
        cloud: { after: 30s, budget-eur: 20 }
        tiers: { attic: trusted, sky: guest }
        workers-file: openclaw_workers.json
        """,
        "backends:\n  - {url: 'http://h:1', key: 'sk-1', key-file: k}\n");
  }

  static List<byte[]> workers() {
    return Seeds.texts(
        """
        { "_meta": { "description": "for people" },
          "workers": [
            { "worker_id": "hall", "display_name": "Hall", "type": "ollama_local",
              "endpoint": "http://localhost:11434", "priority": 100, "max_concurrent": 3,
              "models_available": ["small:3b", "embedder"], "task_types": ["route", "embed"],
              "enabled": true, "notes": "" },
            { "worker_id": "attic", "type": "ollama", "endpoint": "http://192.168.7.20:11434/",
              "priority": 40, "models": ["big:8b"], "capabilities": ["write", "juggle"],
              "status": "active", "colour": "green" },
            { "worker_id": "browser", "type": "harpa_grid", "endpoint": "harpa_grid" },
            { "worker_id": "sky", "type": "openai_api", "endpoint": "https://api.example.com/v1",
              "models_available": ["gpt-x"], "task_types": ["write"] },
            { "worker_id": "_template", "type": "ollama_remote" } ],
          "routing_rules": [
            { "rule_id": "embedding", "task_types": ["embed"], "preferred_workers": ["hall"],
              "fallback": [], "model_preference": "embedder" },
            { "rule_id": "writing", "task_types": ["write", "qa"], "preferred_workers": ["attic"],
              "fallback": ["sky", "nobody"], "model_preference": null } ],
          "global_settings": { "worker_selection_strategy": "priority_with_availability" } }
        """,
        "{\"nodes\": []}");
  }

  static List<byte[]> membership() {
    var text = new StringBuilder("hub hub.local 8766\nnode virtuoso\n");
    for (Pin pin : Mesh.ISSUED.pins()) {
      text.append("pin ").append(pin.text()).append('\n');
    }
    Mesh.ISSUED
        .chain()
        .forEach(each -> text.append("certificate ").append(Encoded.text(each)).append('\n'));
    text.append("key ").append(Encoded.text(Mesh.KEY.getPrivate())).append("\nnewer words\n");
    return Seeds.texts(text.toString(), "https://[fd00::1]:8766/", "bob:9000");
  }

  static List<byte[]> fleets() {
    return Seeds.texts(
        """
        name: small
        models:
          llama3.2:3b: {size_gb: 2.0, parameters: 3.2B, cache_kb_per_token: 112}
          llama3.1:8b: {size_gb: 4.9, parameters: 8.0B, cache_kb_per_token: 128}
        nodes:
          - {name: bob, preset: m4-mini, role: hq, models: ["llama3.2:3b", "llama3.1:8b"]}
          - {name: eve, preset: intel-imac, role: browser_node, ram_gb: 8, models: []}
        """,
        "name: x\nmodels: {}\nnodes: []\n");
  }

  static List<byte[]> traces() {
    return Seeds.texts(
        """
        {"timestamp": 0, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47, 48]}
        {"timestamp": 3052, "input_length": 512, "output_length": 0, "hash_ids": [46]}
        """,
        """
        TIMESTAMP,ContextTokens,GeneratedTokens
        2023-11-16 18:15:46.6805900,374,44
        2023-11-16T18:15:50Z,396,109
        """);
  }
}
