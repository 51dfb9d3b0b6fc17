/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/compat.h"

/*
 * One line an event: module tag, object first, cause last. To stderr, with a journald priority
 * in front when journald listens. Threads: any but a worker (a worker counts, it does not log).
 */
enum log_level { LOG_LEVEL_ERR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

void log_set_level(enum log_level);
int log_level_parse(const char *name, enum log_level *out); /* "err", "warn", "info", "debug" */
void log_line(enum log_level, const char *module, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Macros, so that the module is named once a call and a silent level costs one compare. */
#define log_err(module, ...)   log_line(LOG_LEVEL_ERR, module, __VA_ARGS__)
#define log_warn(module, ...)  log_line(LOG_LEVEL_WARN, module, __VA_ARGS__)
#define log_info(module, ...)  log_line(LOG_LEVEL_INFO, module, __VA_ARGS__)
#define log_debug(module, ...) log_line(LOG_LEVEL_DEBUG, module, __VA_ARGS__)

#endif /* BASE_LOG_H */
