/** What the process tells a Prometheus scraper, through OpenTelemetry. */
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Histogram } from '@opentelemetry/api';
import type { Request, Response } from 'restify';

export interface Metrics {
  /** Seconds from an activity's arrival to its answer, by activity type. */
  readonly turnSeconds: Histogram;
  readonly scrape: (request: Request, response: Response) => void;
}

export function createMetrics(): Metrics {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meter = new MeterProvider({ readers: [exporter] }).getMeter('restore-desk');
  meter
    .createObservableGauge('restore_desk_memory_bytes', {
      description: 'Resident memory of the process',
      unit: 'By',
    })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  return {
    turnSeconds: meter.createHistogram('restore_desk_turn_seconds', {
      description: 'From the arrival of an activity to its answer',
      unit: 's',
      advice: { explicitBucketBoundaries: [0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] },
    }),
    scrape: (request, response) => exporter.getMetricsRequestHandler(request, response),
  };
}
