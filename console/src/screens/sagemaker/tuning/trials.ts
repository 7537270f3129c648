import type { HyperParameterTrainingJobSummary } from "@aws-sdk/client-sagemaker";

export interface Trial {
  name: string;
  status: string;
  objective: number | undefined;
  values: Record<string, string>;
  began: Date | undefined;
  ended: Date | undefined;
}

export function trialOf(job: HyperParameterTrainingJobSummary): Trial {
  return {
    name: job.TrainingJobName ?? "",
    status: job.TrainingJobStatus ?? "",
    objective: job.FinalHyperParameterTuningJobObjectiveMetric?.Value,
    values: job.TunedHyperParameters ?? {},
    began: job.TrainingStartTime ?? job.CreationTime,
    ended: job.TrainingEndTime,
  };
}

/** The best so far after each trial that ended, in the order in which they did. */
export function bestSoFar(trials: Trial[], maximize: boolean): { x: number; y: number }[] {
  const ended = trials
    .filter((trial) => trial.objective !== undefined && trial.ended)
    .toSorted((a, b) => Number(a.ended) - Number(b.ended));
  let best: number | undefined;
  return ended.map((trial, index) => {
    const value = trial.objective ?? 0;
    best = best === undefined ? value : maximize ? Math.max(best, value) : Math.min(best, value);
    return { x: index + 1, y: best };
  });
}

export interface Axis {
  name: string;
  /** Where a trial crosses the axis, from 0 (below) to 1; nothing for one that has no value. */
  place: (trial: Trial) => number | undefined;
  /** What stands at the axis, from below. */
  ticks: { at: number; text: string }[];
}

type TextOf = (trial: Trial) => string | undefined;

/** An axis of parallel coordinates: numbers on a line, of their logarithms from a hundredfold on; words in steps. */
export function axisOf(name: string, trials: Trial[], textOf: TextOf): Axis {
  const texts = [...new Set(trials.map(textOf).filter((text) => text !== undefined))];
  const numbers = texts.map(Number);
  return numbers.every(Number.isFinite)
    ? numbersAxis(name, numbers, textOf)
    : wordsAxis(name, texts.toSorted(), textOf);
}

function numbersAxis(name: string, numbers: number[], textOf: TextOf): Axis {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const scale = low > 0 && high / low >= 100 ? Math.log : (value: number) => value;
  const span = scale(high) - scale(low);
  const place = (value: number) => (span === 0 ? 0.5 : (scale(value) - scale(low)) / span);
  const ends = span === 0 ? [low] : [low, high];
  return {
    name,
    place: (trial) => {
      const text = textOf(trial);
      return text === undefined ? undefined : place(Number(text));
    },
    ticks: ends.map((value) => ({ at: place(value), text: String(Number(value.toPrecision(3))) })),
  };
}

function wordsAxis(name: string, words: string[], textOf: TextOf): Axis {
  const at = (word: string) => (words.length < 2 ? 0.5 : words.indexOf(word) / (words.length - 1));
  return {
    name,
    place: (trial) => {
      const word = textOf(trial);
      return word === undefined ? undefined : at(word);
    },
    ticks: words.map((text) => ({ at: at(text), text })),
  };
}
