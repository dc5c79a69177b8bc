/** The word that is closest to another by single letters changed, added or removed, if it is close enough to be what was meant. */
export function nearest(word: string, words: readonly string[]): string | undefined {
    const ranked = words.map((candidate) => ({
        candidate,
        distance: distance(word.toLowerCase(), candidate.toLowerCase()),
    }));
    const [best] = ranked.sort((a, b) => a.distance - b.distance);
    return best && best.distance <= Math.max(2, word.length / 3) ? best.candidate : undefined;
}

/** Levenshtein's distance, a row of the table at a time. */
function distance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
        const above = row;
        row = [i];
        for (let j = 1; j <= b.length; j++) {
            const changed = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
            row.push(Math.min(changed, above[j] + 1, row[j - 1] + 1));
        }
    }
    return row[b.length];
}
