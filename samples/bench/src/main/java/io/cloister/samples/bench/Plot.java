package io.cloister.samples.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Draws curves over numbers of threads as an SVG file: both axes start where the data do, the
/// lower one is logarithmic.
final class Plot {

    private static final int WIDTH = 640;
    private static final int HEIGHT = 360;
    private static final int LEFT = 60;
    private static final int RIGHT = 150;
    private static final int TOP = 20;
    private static final int BOTTOM = 40;
    private static final int LINES = 4;
    private static final List<String> COLOURS =
            List.of("#666666", "#c44e52", "#4c72b0", "#55a868", "#8172b2");

    private Plot() {}

    /// Writes the file.
    ///
    /// @param threads the numbers of threads, ascending
    /// @param rates launches a second, for each of these, by the way
    static void write(Path file, List<Integer> threads, Map<String, List<Double>> rates)
            throws IOException {
        double most =
                rates.values().stream().flatMap(List::stream).mapToDouble(r -> r).max().orElse(1);
        double step = Math.pow(10, Math.floor(Math.log10(most)));
        step = most / step < LINES ? step / 2 : step;
        double top = Math.ceil(most / step) * step;
        StringBuilder out = new StringBuilder();
        out.append(
                text(
                        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d'"
                                + " font-family='sans-serif' font-size='12'>%n"
                                + "<rect width='100%%' height='100%%' fill='white'/>%n",
                        WIDTH, HEIGHT));
        for (double rate = 0; rate <= top; rate += step) {
            double y = y(rate, top);
            out.append(
                    text(
                            "<path d='M%d %.1fH%d' stroke='#dddddd'/>"
                                    + "<text x='%d' y='%.1f' text-anchor='end'>%.0f</text>%n",
                            LEFT, y, WIDTH - RIGHT, LEFT - 6, y + 4, rate));
        }
        for (int count : threads) {
            out.append(
                    text(
                            "<text x='%.1f' y='%d' text-anchor='middle'>%d</text>%n",
                            x(count, threads), HEIGHT - BOTTOM + 18, count));
        }
        out.append(
                text(
                        "<text x='%d' y='%d' text-anchor='middle'>threads; launches a"
                                + " second</text>%n",
                        (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6));
        int number = 0;
        for (Map.Entry<String, List<Double>> way : rates.entrySet()) {
            String colour = COLOURS.get(number++ % COLOURS.size());
            StringBuilder points = new StringBuilder();
            for (int i = 0; i < threads.size(); i++) {
                double y = y(way.getValue().get(i), top);
                points.append(text("%.1f,%.1f ", x(threads.get(i), threads), y));
            }
            out.append(
                    text(
                            "<polyline points='%s' fill='none' stroke='%s' stroke-width='2'/>"
                                    + "<text x='%d' y='%.1f' fill='%s'>%s</text>%n",
                            points.toString().strip(),
                            colour,
                            WIDTH - RIGHT + 8,
                            y(way.getValue().getLast(), top) + 4,
                            colour,
                            way.getKey()));
        }
        Files.writeString(file, out.append("</svg>\n"));
    }

    private static double x(int count, List<Integer> threads) {
        double range = Math.log(threads.getLast()) - Math.log(threads.getFirst());
        double share = (Math.log(count) - Math.log(threads.getFirst())) / Math.max(range, 1e-9);
        return LEFT + share * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double rate, double top) {
        return HEIGHT - BOTTOM - rate / top * (HEIGHT - TOP - BOTTOM);
    }

    private static String text(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }
}
