/* load: how busy this machine and this process are, as MLflow's system metrics name it. */
#include "surfaces/load.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "surfaces/args.h"

/* The beginning of a file of /proc, terminated; empty when it cannot be read. */
static void read_start(const char *path, char *to, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = file >= 0 ? read(file, to, size - 1) : -1;
    to[n > 0 ? n : 0] = 0;
    if (file >= 0) close(file);
}

/* The number after a word; -1 when it is not there. */
static double after(const char *proc, const char *word) {
    const char *at = strstr(proc, word);
    return at ? strtod(at + strlen(word), NULL) : -1;
}

/* Jiffies of all processors: busy and all. */
static void processors(double *busy, double *all) {
    char stat[1024];
    read_start("/proc/stat", stat, sizeof stat);
    char *at = strncmp(stat, "cpu ", 4) == 0 ? stat + 4 : NULL;
    *busy = *all = 0;
    for (int i = 0; at && i < 8; i++) { /* user nice system idle iowait irq softirq steal */
        double ticks = strtod(at, &at);
        *all += ticks;
        if (i != 3 && i != 4) *busy += ticks;
    }
}

static double own_seconds(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

void load_look(load *l, mlflow_batch *to, int64_t step, int64_t when) {
    char proc[4096];
    load now = {0};
    processors(&now.busy, &now.all);
    now.own = own_seconds(), now.clock = args_clock();
    if (l->clock > 0 && now.all > l->all)
        mlflow_metric(to, "system/cpu_utilization_percentage",
                      100 * (now.busy - l->busy) / (now.all - l->all), step, when);
    if (l->clock > 0 && now.clock > l->clock)
        mlflow_metric(to, "system/process_cpu_percentage",
                      100 * (now.own - l->own) / (now.clock - l->clock), step, when);
    *l = now;
    read_start("/proc/meminfo", proc, sizeof proc);
    double total = after(proc, "MemTotal:"), left = after(proc, "MemAvailable:"); /* kB */
    if (total > 0 && left >= 0) {
        mlflow_metric(to, "system/system_memory_usage_megabytes", (total - left) / 1024, step,
                      when);
        mlflow_metric(to, "system/system_memory_usage_percentage", 100 * (total - left) / total,
                      step, when);
    }
    read_start("/proc/self/status", proc, sizeof proc);
    double held = after(proc, "VmRSS:");
    if (held >= 0) mlflow_metric(to, "system/process_memory_megabytes", held / 1024, step, when);
}

int64_t load_peak(void) {
    char proc[4096];
    read_start("/proc/self/status", proc, sizeof proc);
    double peak = after(proc, "VmHWM:");
    int file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        ssize_t n = write(file, "5", 1); /* a kernel that cannot goes on with the old peak */
        (void)n;
        close(file);
    }
    return peak > 0 ? (int64_t)(peak * 1024) : 0;
}
