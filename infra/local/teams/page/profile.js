// Who is looking: one person per window, chosen here or by ?as= in the address.
import { avatar, byId, element } from './elements.js';

export function drawProfile(people, me) {
  const button = byId('profile-button');
  const menu = byId('profile-menu');
  button.replaceChildren(avatar(me.name), element('span', { class: 'profile-name' }, me.name));
  button.setAttribute('aria-label', `You are ${me.name}, ${me.role}. Change person`);
  menu.replaceChildren(
    element('p', { class: 'menu-title' }, 'Look at this as'),
    ...people.map((person) => {
      const address = `?as=${encodeURIComponent(person.persona)}`;
      return element(
        'div',
        { class: 'menu-row' },
        element(
          'a',
          { class: 'menu-person', href: address, 'aria-current': person === me ? 'true' : undefined },
          avatar(person.name),
          element('span', {}, element('strong', {}, person.name), element('small', {}, person.role)),
        ),
        element(
          'a',
          {
            class: 'menu-window',
            href: address,
            target: '_blank',
            rel: 'noopener',
            'aria-label': `${person.name} in a new window`,
            title: 'In a new window',
          },
          '↗',
        ),
      );
    }),
  );
  const show = (isOpen) => {
    menu.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) menu.querySelector('a')?.focus();
  };
  button.addEventListener('click', () => show(menu.hidden));
  document.addEventListener('click', (event) => {
    if (!event.target.closest('.profile')) show(false);
  });
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    show(false);
    button.focus();
  });
}
