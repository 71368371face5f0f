"""Addresses of the roster and the working calendar."""

from django.urls import path

from duty.views import board, calendar, changes, cover, drafts, mine, month, plan

app_name = "duty"
urlpatterns = [
    path("", board.now, name="now"),
    path("groups/<slug:code>/month/", month.this_month, name="this_month"),
    path("groups/<slug:code>/month/<int:year>/<int:month>/", month.month, name="month"),
    path("groups/<slug:code>/plan/", plan.plan, name="plan"),
    path("groups/<slug:code>/terms/", plan.edit_terms, name="terms"),
    path("groups/<slug:code>/alarms/", plan.edit_alarms, name="alarms"),
    path("groups/<slug:code>/cover/<str:first>/", cover.block, name="cover_block"),
    path("cover/", cover.overview, name="cover"),
    path("groups/<slug:code>/rotations/new/", plan.create_rotation, name="rotation_create"),
    path("groups/<slug:code>/rotations/<int:pk>/", plan.edit_rotation, name="rotation_edit"),
    path("groups/<slug:code>/rotations/<int:pk>/end/", plan.end_rotation, name="rotation_end"),
    path("groups/<slug:code>/shifts/new/", changes.create_override, name="shift_create"),
    path("groups/<slug:code>/changes/<int:pk>/end/", changes.end_override, name="override_end"),
    path("groups/<slug:code>/temporary/", changes.choose_block, name="temporary_block"),
    path("groups/<slug:code>/temporary/<int:pk>/end/", changes.end_temporary, name="temporary_end"),
    path(
        "groups/<slug:code>/temporary/<str:first>/<str:last>/",
        changes.create_temporary,
        name="temporary_create",
    ),
    path("groups/<slug:code>/drafts/new/", drafts.create, name="draft_create"),
    path("drafts/<int:pk>/", drafts.show, name="draft"),
    path("drafts/<int:pk>/slots/<int:slot>/", drafts.slot, name="draft_slot"),
    path("drafts/<int:pk>/anew/", drafts.anew, name="draft_anew"),
    path("drafts/<int:pk>/publish/", drafts.publish, name="draft_publish"),
    path("drafts/<int:pk>/discard/", drafts.discard, name="draft_discard"),
    path("groups/<slug:code>/leave/new/", mine.file_leave, name="leave_file"),
    path("shifts/<int:pk>/remove/", changes.take_back, name="shift_remove"),
    path("mine/", mine.mine, name="mine"),
    path("mine/wishes/new/", drafts.wish, name="wish"),
    path("mine/wishes/<str:day>/remove/", drafts.unwish, name="unwish"),
    path("mine/leave/new/", mine.ask_leave, name="leave_ask"),
    path("leave/<int:pk>/", mine.decide_leave, name="leave_decide"),
    path("leave/<int:pk>/withdraw/", mine.withdraw_leave, name="leave_withdraw"),
    path("shifts/<int:pk>/swap/", mine.ask_swap, name="swap_ask"),
    path("swaps/<int:pk>/take/", mine.take_swap, name="swap_take"),
    path("swaps/<int:pk>/decline/", mine.decline_swap, name="swap_decline"),
    path("swaps/<int:pk>/withdraw/", mine.withdraw_swap, name="swap_withdraw"),
    path("swaps/<int:pk>/undo/", mine.undo_swap, name="swap_undo"),
    path("calendar/", calendar.this_year, name="calendar"),
    path("calendar/<int:year>/", calendar.year, name="calendar_year"),
    path("calendar/<int:year>/<int:month>/<int:day>/", calendar.edit, name="calendar_day"),
]
