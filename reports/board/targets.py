def target_of(kpi, scope):
    return kpi.target
