#pragma once

/// Marks what libvaria exports; everything else in a Varia binary is hidden.
#define VARIA_API __attribute__((visibility("default")))
