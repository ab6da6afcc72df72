// Carries a precompiled header (CMakeLists.txt).
