"""Tables of the single studies: speed, articles, suggestions."""

from __future__ import annotations

from collections.abc import Callable

from experiments.data_tables import markdown
from experiments.runs import read_record
from experiments.suggest_study import needed

OUR_SPEEDS = ("stance_warm", "stance_cold")


def speed() -> str:
    """Return the speed of ours and of every peer, and what a whole process takes."""
    record = read_record("benchmark")
    found, text, whole = record["sentences_per_second"], record["text"], record["processes"]
    titles = {"stance_warm": "**stance**, words known", "stance_cold": "**stance**, first pass"} | record["titles"]
    order = sorted(titles, key=lambda name: -found[name])
    shares = [[titles[n], f"{found[n]:,.0f}", *(f"{found[k] / found[n]:.2g}" for k in OUR_SPEEDS)] for n in order]
    ours, union = whole["stance"], whole["union"]
    share = ours["cpu_seconds"] / union["cpu_seconds"]
    told = (
        f"\n{text['sentences']:,} new sentences of {text['characters']} characters; "
        f"{text['share of unseen words']:.1%} of their words are unseen. One call for one sentence takes "
        f"{1e6 / record['batches']['1']:.0f} µs. A whole process takes {ours['cpu_seconds']:.2f} CPU s, {share:.2f} of "
        f"what one with the joblib-loaded union takes, {ours['peak_bytes'] / 1e6:.0f} MB of memory against "
        f"{union['peak_bytes'] / 1e6:.0f}, and a model of {ours['model_bytes'] / 1e6:.1f} MB against "
        f"{union['model_bytes'] / 1e6:.0f}.\n"
    )
    skipped = f"Not measured: {', '.join(record['skipped'])}.\n" if record["skipped"] else ""
    return (
        markdown(["", "sentences / CPU s", "stance, words known, is × as fast", "first pass, ×"], shares)
        + told
        + skipped
    )


def articles() -> str:
    """Return how well the gold articles are read."""
    record = read_record("articles")
    rows = []
    for split in ("dev", "test"):
        held, stances = record[split]["holders"], record[split]["stances"]
        shares = [f"{held[name]:.3f}" for name in ("precision", "recall", "side_precision")]
        scores = [f"{stances[name]['macro_f1']:.3f}" for name in ("alone", "in_article")]
        rows.append([split, str(record[split]["articles"]), str(held["statements"]), *shares, *scores])
    head = ["", "articles", "statements", "holder precision", "holder recall", "side precision"]
    other, pace, fitted = record["off_topic"], record["speed"], read_record("attribution")["with_sides"]
    told = (
        f"\nThe weights are fitted on dev; in cross-validation there, precision is {fitted['precision']:.3f} at recall "
        f"{fitted['recall']:.3f}.\n"
        f"\nFalse alarms in {other['sentences']} sentences on other topics: {other['alarms_per_100']} in a hundred, "
        f"{other['alarms_per_100_alone']} without the check of the topic. {pace['articles']:,} articles of "
        f"{pace['sentences']:,} sentences take {pace['seconds']} CPU s, {pace['ratio']} times plain scoring.\n"
    )
    return markdown([*head, "macro-F1 by sentence", "macro-F1 in the article"], rows) + told


def suggest() -> str:
    """Return how many labels each strategy needs, and their share of what chance needs."""
    sets = read_record("suggest")["sets"]
    need = {
        name: {strategy: needed(points, found["goal"]) for strategy, points in found["curves"].items()}
        for name, found in sets.items()
    }
    rows = []
    for strategy in next(iter(need.values())):
        row = [strategy]
        for counts in need.values():
            count, chance = counts[strategy], counts["random"]
            row += [str(count or "-"), f"{count / chance:.0%}" if count and chance else "-"]
        rows.append(row)
    head = [cell for name, found in sets.items() for cell in (f"{name}, of {found['pool']:,}", "of random's")]
    return markdown(["strategy", *head], rows)


STUDY_TABLES: dict[str, Callable[[], str]] = {"articles": articles, "speed": speed, "suggest": suggest}
