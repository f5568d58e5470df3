// Everything that waits for a person, oldest first.

import { useQuery } from '@tanstack/react-query';
import { openItems } from '../../live/queries.js';
import { Region } from '../../ui/region.js';
import { ItemCard } from './item-card.js';

export function InboxPage() {
  return (
    <div className="page">
      <Region title="Inbox" isWhole query={useQuery(openItems())}>
        {({ items }) =>
          items.length === 0 ? (
            <div className="empty">Nothing waits for you.</div>
          ) : (
            <div className="items">
              {[...items]
                .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
                .map((item) => (
                  <ItemCard key={item.id} item={item} />
                ))}
            </div>
          )
        }
      </Region>
    </div>
  );
}
