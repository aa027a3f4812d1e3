package io.cloister.sandbox.linux.launch;

import io.cloister.sandbox.linux.ffm.FileSystemUsage;
import io.cloister.sandbox.linux.ffm.Kernel;
import io.cloister.sandbox.linux.plan.StartReport;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The file systems in memory that a run can write to, watched for being full. Not thread-safe.
///
/// One that is full at the beginning was made that way, and is not watched; nor is one whose
/// descriptor found no room in the JVM.
final class FullFilesystems implements AutoCloseable {

    private final Map<String, Integer> watched = new LinkedHashMap<>();

    /// Takes over `descriptors`, one for each of `places`.
    ///
    /// @param atFirst what was left of each before the command was started
    FullFilesystems(
            List<String> places, List<Integer> descriptors, List<StartReport.Room> atFirst) {
        for (int i = 0; i < descriptors.size(); i++) {
            if (atFirst.get(i).isFull()) {
                Kernel.close(descriptors.get(i));
            } else {
                watched.put(places.get(i), descriptors.get(i));
            }
        }
    }

    /// Whether there is nothing to watch.
    boolean isEmpty() {
        return watched.isEmpty();
    }

    /// The places of those that are full now.
    List<String> full() {
        List<String> full = new ArrayList<>();
        watched.forEach((place, descriptor) -> {
            if (FileSystemUsage.of(descriptor).isFull()) {
                full.add(place);
            }
        });
        return full;
    }

    /// What is left of each, by its place.
    Map<String, StartReport.Room> rooms() {
        Map<String, StartReport.Room> rooms = new LinkedHashMap<>();
        watched.forEach((place, descriptor) -> rooms.put(place, FileSystemUsage.of(descriptor)));
        return rooms;
    }

    @Override
    public void close() {
        watched.values().forEach(Kernel::close);
        watched.clear();
    }
}
